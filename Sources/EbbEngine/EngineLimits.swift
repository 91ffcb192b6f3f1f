/// The time limits and the width of a run.
package struct EngineLimits: Sendable {
    /// Connecting, checking the host key and authenticating.
    package var connect: Duration
    /// One script on one host.
    package var command: Duration
    /// Hosts talked to at once.
    package var parallel: Int
    /// After how many proven boots a path that comes back the same counts as regenerated.
    package var regeneratedAfter: Int

    package init(
        connect: Duration = .seconds(15), command: Duration = .seconds(300), parallel: Int = 64,
        regeneratedAfter: Int = 2
    ) {
        (self.connect, self.command, self.parallel) = (connect, command, parallel)
        self.regeneratedAfter = regeneratedAfter
    }
}
