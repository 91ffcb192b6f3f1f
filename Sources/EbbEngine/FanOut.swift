package import EbbModel
package import EbbStore

/// Runs `body` once for each element, at most `limit` at a time, and returns one result per element
/// in the elements' order.
///
/// `body` cannot throw: no element can cancel another, and none can be lost.
package func fanOut<Element: Sendable, Result: Sendable>(
    over elements: [Element], limit: Int, _ body: @escaping @Sendable (Element) async -> Result
) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
        var results = [Result?](repeating: nil, count: elements.count)
        var waiting = elements.indices.makeIterator()
        for _ in 0..<max(1, limit) {
            guard let index = waiting.next() else { break }
            group.addTask { (index, await body(elements[index])) }
        }
        while let (index, result) = await group.next() {
            results[index] = result
            if let next = waiting.next() { group.addTask { (next, await body(elements[next])) } }
        }
        return results.compactMap(\.self)
    }
}

extension Result {
    /// The outcome of an asynchronous body, as a value that a child task can return.
    package init(_ body: () async throws(Failure) -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

/// What became of a piece of work on several hosts.
package struct HostOutcomes<Value: Sendable>: Sendable {
    /// What the hosts gave, in their order.
    package let done: [Value]
    /// Hosts of which the database kept nothing, and why.
    package let failed: [(host: HostName, error: StoreError)]
}

extension Engine {
    /// Does a piece of work on each host: what goes wrong with the database at one host takes nothing
    /// from the others.
    ///
    /// Throws only where it went wrong at every host.
    package func each<Value: Sendable>(
        _ hosts: [HostSettings], _ work: @escaping @Sendable (HostSettings) async throws(StoreError) -> Value
    ) async throws(StoreError) -> HostOutcomes<Value> {
        let results = await fanOut(over: hosts, limit: limits.parallel) { settings in
            await Result { () async throws(StoreError) in try await work(settings) }
        }
        var done: [Value] = []
        var failed: [(host: HostName, error: StoreError)] = []
        for (settings, result) in zip(hosts, results) {
            switch result {
            case .success(let value): done.append(value)
            case .failure(let error): failed.append((settings.host, error))
            }
        }
        if done.isEmpty, let first = failed.first { throw first.error }
        return HostOutcomes(done: done, failed: failed)
    }
}
