/// What a collection was made for.
package enum CollectionKind: String, Sendable, Codable, CaseIterable {
    /// `ebb drift` and its schedule.
    case drift
    /// The read-only questions before a reboot.
    case preflight
    /// The proof after a reboot.
    case proof
    /// The first complete look, against which later ones are compared.
    case baseline
    /// `ebb doctor`.
    case doctor
}
