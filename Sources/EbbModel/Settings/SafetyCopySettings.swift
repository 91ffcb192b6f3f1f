/// What is copied to persistent storage before a reboot erases it, in case it is missed.
package struct SafetyCopySettings: Hashable, Sendable, Codable {
    /// How much may be copied at most, in MiB; what does not fit is left out and named.
    package var limit = 64
    /// Whether paths that look like secrets are copied as well.
    package var includesSecrets = false
    /// How many copies are kept on the host; the oldest go.
    package var keep = 3

    /// What holds where nothing is written.
    package static let unset = Self()
}
