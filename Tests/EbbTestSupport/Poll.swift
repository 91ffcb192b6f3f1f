/// Waits for what nobody announces: the state of another process, or of the kernel's tables.
///
/// The only sleep of the tests: what announces itself is awaited instead.
package enum Poll {
    /// Looks every 20 ms until the condition holds; whether it did within the limit.
    package static func until(within limit: Duration = .seconds(60), _ condition: () throws -> Bool) async throws
        -> Bool
    {
        let deadline = ContinuousClock.now + limit
        while try !condition() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }
}
