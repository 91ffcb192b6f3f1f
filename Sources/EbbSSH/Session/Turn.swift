/// Lets callers pass one after another, in the order in which they came.
///
/// A value of an actor: the actor's confinement is what protects it.
struct Turn {
    private var isTaken = false
    private var queue: [CheckedContinuation<Void, Never>] = []

    /// Whether the caller may go at once; the turn is then taken.
    mutating func takeIfFree() -> Bool {
        guard !isTaken else { return false }
        isTaken = true
        return true
    }

    /// Queues a caller; where the turn has become free by now, the caller gets it at once.
    mutating func enqueue(_ waiter: CheckedContinuation<Void, Never>) {
        if takeIfFree() { waiter.resume() } else { queue.append(waiter) }
    }

    /// Hands the turn to the next caller, or frees it.
    mutating func pass() {
        guard !queue.isEmpty else {
            isTaken = false
            return
        }
        queue.removeFirst().resume()
    }
}
