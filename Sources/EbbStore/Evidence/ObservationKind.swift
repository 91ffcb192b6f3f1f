/// What an observation was made for.
package enum ObservationKind: String, Sendable, Codable, CaseIterable {
    /// `ebb drift` and its schedule.
    case drift
    /// The read-only questions before a reboot.
    case preflight
    /// The proof after a reboot.
    case proof
    /// The first complete observation, against which later ones are compared.
    case baseline
    /// `ebb doctor`.
    case doctor
}
