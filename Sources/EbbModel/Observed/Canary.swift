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
    /// The file that holds it, as it was when it had been written; `nil`: not known.
    package var file: FileMark?

    package init(kind: Kind, mount: String, token: String, file: FileMark? = nil) {
        (self.kind, self.mount, self.token, self.file) = (kind, mount, token, file)
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
