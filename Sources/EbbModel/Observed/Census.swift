/// How much of a declared path is counted and remembered, so that a boot can be held against it.
package enum CensusScope: String, Sendable, Codable, CaseIterable {
    /// Up to 4,096 names; each that stood still must come through, whatever the class.
    case full
    /// Up to 64 names, those that have stood still for longest.
    case sample
    /// How many there are of each kind, and their size.
    case count
    /// Only the storage that holds the path, and its own node.
    case off

    /// How many names are remembered.
    package var names: Int {
        switch self {
        case .full: 4_096
        case .sample: 64
        case .count, .off: 0
        }
    }
}

/// What declared paths held at one moment, as far as it was looked at.
package struct Census: Hashable, Sendable {
    /// When it was taken, by the host's clock, in seconds since 1970.
    package var takenAt: Int64
    /// By declared path; a path that could not be looked at is not among them.
    package var places: [String: Place]

    package init(takenAt: Int64, places: [String: Place] = [:]) { (self.takenAt, self.places) = (takenAt, places) }

    /// A file, a directory or a link as `stat` shows it.
    package struct Node: Hashable, Sendable {
        package var kind: FileKind
        /// Bytes; of no meaning but for files.
        package var size: Int64
        package var uid: UInt32
        package var gid: UInt32
        /// The permission bits.
        package var mode: UInt16
        /// When content or attributes changed last, in seconds since 1970; 0 where it is not known.
        package var changedAt: Int64
        /// SHA-256 of the content in lower-case hexadecimal, where it was read.
        package var digest: String?

        package init(
            kind: FileKind, size: Int64, uid: UInt32, gid: UInt32, mode: UInt16, changedAt: Int64 = 0,
            digest: String? = nil
        ) {
            (self.kind, self.size, self.uid, self.gid) = (kind, size, uid, gid)
            (self.mode, self.changedAt, self.digest) = (mode, changedAt, digest)
        }
    }

    /// What one declared path held.
    package struct Place: Hashable, Sendable {
        /// The path itself; `nil`: there was nothing.
        package var top: Node?
        /// Device and inode of the path itself.
        package var identity = ""
        /// Type and identity of the file system, as `statfs` has them, in hexadecimal.
        package var fileSystem = ""
        /// The file system's UUID; empty where nobody could say.
        package var uuid = ""
        /// Where in the file system the path lies, whatever it is mounted at; `nil` where nobody could say.
        package var position: String?
        /// What is below a directory; `nil` where it was not counted, or not to the end.
        package var counts: Counts?
        /// Names below the path with their nodes, those that stood still for longest.
        package var names: [BytePath: Node] = [:]

        package init(top: Node? = nil) { self.top = top }
    }

    /// How much is below a directory, on its own file system.
    package struct Counts: Hashable, Sendable {
        package var files: Int64
        package var directories: Int64
        package var links: Int64
        package var others: Int64
        /// Sum of the files' sizes.
        package var bytes: Int64

        package init(files: Int64, directories: Int64 = 0, links: Int64 = 0, others: Int64 = 0, bytes: Int64 = 0) {
            (self.files, self.directories, self.links) = (files, directories, links)
            (self.others, self.bytes) = (others, bytes)
        }

        /// How many entries hold something, or lead to it: sockets and pipes go with the program that made them.
        package var lasting: Int64 { [files, directories, links].clampedSum }

        /// How many entries of any kind.
        package var entries: Int64 { [files, directories, links, others].clampedSum }
    }
}

/// What became of a declared path's content in a boot.
package struct CensusFinding: Hashable, Sendable, Codable {
    /// What follows from what was found.
    package enum State: String, Sendable, Codable, CaseIterable {
        /// What had to come through did.
        case kept
        /// Only what may change by right did.
        case changed
        /// Something that had to come through did not.
        case lost
        /// All is there, under another owner or mode.
        case attributesDiffer = "attributes-differ"
        /// Another storage holds the path.
        case storageReplaced = "storage-replaced"
        /// It was not looked at, before or after.
        case unknown
    }

    package let path: String
    package let state: State
    /// What was found, in one sentence.
    package let message: String
    /// `nil` stands for "no", as in records of before.
    private let undecided: Bool?
    /// `nil` stands for "no", as in records of before.
    private let otherStorage: Bool?
    /// What was asked of the path, in words that are the same where the same is asked; `nil`: nobody wrote it down.
    package let asked: String?

    /// Whether it is not as it was on record, and nobody knows whether the boot did that: only a person can say.
    package var isUndecided: Bool { undecided == true }
    /// Whether the storage that holds it is another than the one on record.
    package var isOnOtherStorage: Bool { otherStorage == true }
    /// Whether the boot did not bring through what it had to.
    package var isHarmed: Bool { [.lost, .attributesDiffer, .storageReplaced].contains(state) }

    package init(
        _ path: String, _ state: State, _ message: String, isUndecided: Bool = false, isOnOtherStorage: Bool = false,
        asked: String? = nil
    ) {
        (self.path, self.state, self.message, self.asked) = (path, state, message, asked)
        undecided = isUndecided ? true : nil
        otherStorage = isOnOtherStorage ? true : nil
    }

    /// Whether it says something else than that all is as on record: the boot harmed it, or nobody knows.
    package var isOpen: Bool { isHarmed || isUndecided }

    /// Whether the entry asks the same of its path's content as was asked when this was found.
    package func asks(_ entry: PersistenceEntry) -> Bool { asked == nil || asked == entry.askedOfContent }
}
