import Synchronization

/// The loops among which connections are spread.
package final class SocketLoops: Sendable {
    private let loops: [SocketLoop]
    private let taken = Atomic(0)

    /// Takes loops, at least one.
    package init(_ loops: [SocketLoop]) {
        precondition(!loops.isEmpty, "no loop")
        self.loops = loops
    }

    /// The loop of the next connection.
    package func next() -> SocketLoop {
        let count = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[count % loops.count]
    }
}
