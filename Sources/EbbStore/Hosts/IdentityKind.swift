package import FoundationEssentials

/// What a host can be recognised by.
package enum IdentityKind: String, Sendable, Codable, CaseIterable {
    /// `/etc/machine-id`.
    case machineID = "machine-id"
    /// A host key's type and fingerprint, such as `ssh-ed25519 SHA256:…`.
    case hostKey = "host-key"
    /// The board's or system's serial number.
    case boardSerial = "board-serial"
    /// The blank's own identity: a snapshot's guid, a subvolume's UUID.
    case blank
    /// The live root's identity; new at every boot for most strategies.
    case root
}

/// One thing that a host was recognised by, and when.
package struct IdentitySighting: Sendable, Hashable {
    package let kind: IdentityKind
    package let value: String
    package let firstSeen: Date
    package let lastSeen: Date
}
