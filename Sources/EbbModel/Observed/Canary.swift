/// A token left on a mount before a reboot.
package struct Canary: Hashable, Sendable, Codable {
    /// What must become of it.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// On what the boot erases: must be gone afterwards.
        case negative
        /// On persistent storage: must be there afterwards, unchanged.
        case positive
    }

    package let kind: Kind
    /// The mount point that it stands for.
    package let mount: String
    /// Thirty-two hexadecimal digits, new for each attempt.
    package let token: String

    package init(kind: Kind, mount: String, token: String) {
        (self.kind, self.mount, self.token) = (kind, mount, token)
    }

    /// The file that holds the token.
    package var path: String {
        let base = mount == "/" ? "" : mount
        return switch kind {
        case .negative: base + "/.ebb-canary"
        case .positive: base + "/.ebb/canary"
        }
    }

    /// One canary for every place that the boot must erase, and one for every place it must keep.
    package static func all(for settings: HostSettings, token: String) -> [Canary] {
        [Canary(kind: .negative, mount: "/", token: token)]
            + (settings.root?.erases ?? []).map { Canary(kind: .negative, mount: $0, token: token) }
            + settings.persist.map { Canary(kind: .positive, mount: $0.mount, token: token) }
    }
}

/// What was found where a canary had been left.
package enum CanaryReading: Hashable, Sendable, Codable {
    /// No such file.
    case absent
    /// A file with this content, on the file system that is mounted at this mount point.
    case present(token: String, mount: BytePath)
    /// It could not be read.
    case unknown(ProbeGap)
}
