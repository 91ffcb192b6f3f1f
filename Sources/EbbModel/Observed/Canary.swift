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
    /// New for each attempt; see `CanaryToken`.
    package let token: String
    /// The file that holds it, as it was when it had been written; `nil`: not known.
    package var file: FileMark?

    package init(kind: Kind, mount: String, token: String, file: FileMark? = nil) {
        (self.kind, self.mount, self.token, self.file) = (kind, mount, token, file)
    }

    /// The file that holds the token: one for each controller, so that none writes over another's.
    package var path: String {
        let base = mount == "/" ? "" : mount
        let owner = CanaryToken(token).map { ".\($0.controller)" } ?? ""
        return switch kind {
        case .negative: base + "/.ebb-canary" + owner
        case .positive: base + "/.ebb/canary" + owner
        }
    }

    /// One canary for every place that the boot must erase, and one for every place it must keep.
    package static func all(for settings: HostSettings, token: String) -> [Canary] {
        [Canary(kind: .negative, mount: "/", token: token)]
            + (settings.root?.erases ?? []).map { Canary(kind: .negative, mount: $0, token: token) }
            + settings.persist.map { Canary(kind: .positive, mount: $0.mount, token: token) }
    }
}

/// What the text of a canary says: whose it is, and from which attempt.
///
/// Before tokens said so they were thirty-two random hexadecimal digits; these are read as before.
package struct CanaryToken: Hashable, Sendable {
    /// The id of the database that made it, sixteen hexadecimal digits.
    package let controller: String
    /// The attempt that left it; `nil`: it was left for whichever boot comes next.
    package let attempt: Int64?
    /// What nobody can guess, in hexadecimal digits.
    package let random: String

    package init(controller: String, attempt: Int64?, random: String) {
        (self.controller, self.attempt, self.random) = (controller, attempt, random)
    }

    /// Reads a token that says whose it is; `nil`: this one does not.
    package init?(_ text: String) {
        let words = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, words[0].utf8.count == 16, Self.isHexadecimal(words[0]), let attempt = Int64(words[1]),
            words[2].utf8.count == 32, Self.isHexadecimal(words[2])
        else { return nil }
        self.init(controller: words[0], attempt: attempt > 0 ? attempt : nil, random: words[2])
    }

    /// What the file holds.
    package var text: String { "\(controller)-\(attempt ?? 0)-\(random)" }

    /// Whether some Ebb may have written this, whichever its age.
    package static func isOne(_ text: String) -> Bool {
        CanaryToken(text) != nil || text.utf8.count == 32 && isHexadecimal(text)
    }

    private static func isHexadecimal(_ text: String) -> Bool {
        text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// What this database knows of a token that is not the one that was expected.
    package enum Origin: String, Sendable, Codable {
        /// Left on this host before the expected one, or on another host.
        case earlier
        /// Left on this host after the expected one.
        case later
    }
}

/// What tells a file from a copy of it that was put in its place.
package struct FileMark: Hashable, Sendable, Codable {
    /// The inode's number, in digits: some file systems use all sixty-four bits.
    package let inode: String
    /// When the inode was made, in seconds; `nil` where the file system does not keep it.
    package let born: Int64?
    /// When the inode was changed last, in seconds: nobody can set it.
    package let changed: Int64

    package init(inode: String, born: Int64?, changed: Int64) {
        (self.inode, self.born, self.changed) = (inode, born, changed)
    }

    /// Whether both are of one file: the same number and birth, or where no birth is kept the same last change.
    package func isSameFile(as other: FileMark) -> Bool {
        guard inode == other.inode else { return false }
        if let born, let theirs = other.born { return born == theirs }
        return changed == other.changed
    }
}

/// What was found where a canary had been left.
package enum CanaryReading: Hashable, Sendable, Codable {
    /// No such file, on the file system that is mounted at this mount point.
    case absent(on: BytePath)
    /// A file with this content, on the file system that is mounted at this mount point.
    case present(token: String, mount: BytePath, file: FileMark? = nil)
    /// It could not be read.
    case unknown(ProbeGap)
}
