/// How one host fared in one run.
package enum Outcome: String, Sendable, Codable, CaseIterable {
    /// Done, and nothing had to be changed.
    case ok
    /// Done, and something was changed.
    case changed
    /// The host answered, and the work failed.
    case failed
    /// The host could not be reached; it certainly did nothing.
    case unreachable
    /// The host was left out, for a reason that is recorded.
    case skipped
    /// Something was sent and the answer was lost: the host may or may not have acted.
    case indeterminate
}
