/// A changed path with its verdict and the reason for it.
package struct DriftEntry: Hashable, Sendable, Codable {
    /// What changed.
    package let change: PathChange
    /// What it means.
    package let verdict: PathVerdict
    /// What kind of state it is, by catalogue or declaration.
    package let stateClass: StateClass
    /// Why the verdict was reached: one sentence for a person.
    package let reason: String
    /// What to do about it, where something should be done.
    package let suggestion: String?

    package init(
        change: PathChange, verdict: PathVerdict, stateClass: StateClass, reason: String, suggestion: String? = nil
    ) {
        (self.change, self.verdict, self.stateClass, self.reason) = (change, verdict, stateClass, reason)
        self.suggestion = suggestion
    }
}
