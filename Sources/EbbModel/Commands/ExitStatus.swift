/// The exit status of every command of Ebb.
package enum ExitStatus: Int32, CaseIterable, Sendable {
    /// All well.
    case success = 0
    /// Ebb itself failed.
    case toolFailure = 1
    /// The command line or the inventory is wrong.
    case usage = 2
    /// Something was found: drift, a failed proof, non-compliance.
    case findings = 3
    /// Something could not be determined: unreachable, stale, unknown.
    case incomplete = 4
    /// Stopped by a signal.
    case interrupted = 130

    /// The status of two results together: what is worse for whoever relies on it.
    package func merged(with other: ExitStatus) -> ExitStatus {
        let order: [ExitStatus] = [.success, .findings, .incomplete, .usage, .toolFailure, .interrupted]
        let mine = order.firstIndex(of: self) ?? 0
        let theirs = order.firstIndex(of: other) ?? 0
        return mine >= theirs ? self : other
    }
}
