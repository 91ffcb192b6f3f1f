/// What is copied to persistent storage before a reboot erases it, in case it is missed.
package struct SafetyCopySettings: Hashable, Sendable, Codable {
    /// How much may be copied at most, in MiB; what does not fit is left out and named.
    package var limit: Int
    /// Whether paths that look like secrets are copied as well.
    package var includesSecrets: Bool
    /// How many copies are kept on the host; the oldest go.
    package var keep: Int

    package init(limit: Int = 64, includesSecrets: Bool = false, keep: Int = 3) {
        (self.limit, self.includesSecrets, self.keep) = (limit, includesSecrets, keep)
    }
}
