/// Why a path is not moved, in words that name the cure; nothing was changed.
package struct AdoptRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The closed list of reasons.
    package enum Code: String, Sendable, Codable, CaseIterable {
        // Decided before anything is sent.

        /// The declaration is not an absolute, plain path, or its target is none.
        case badPath = "bad-path"
        /// Its mechanism is `dataset` or `config`: there is nothing to move.
        case mechanism
        /// No persistent storage is declared that holds the target.
        case noStorage = "no-storage"
        /// Another declared path contains it, or lies in it.
        case overlap
        /// Programs replace this file by renaming a new one over it.
        case renamedOver = "renamed-over"

        // Decided on the host.

        case absent, busy, changing, locked, mounted, owner, unfinished
        case containsMount = "contains-mount"
        case containsSubvolume = "contains-subvolume"
        case specialFile = "special-file"
        case inTheWay = "in-the-way"
        case isLink = "is-link"
        case linkInPath = "link-in-path"
        case listedDifferently = "listed-differently"
        case noSpace = "no-space"
        case notInEffect = "not-in-effect"
        case notRebooted = "not-rebooted"
        case notRoot = "not-root"
        /// Another account can change a directory that root would act in.
        case notRoots = "not-roots"
        /// The target's place is open to accounts that the path's place keeps out.
        case opensUp = "opens-up"
        case storageNotRoots = "storage-not-roots"
        case onlyCopy = "only-copy"
        case otherMount = "other-mount"
        case rollingBack = "rolling-back"
        case storageNotMounted = "storage-not-mounted"
        case storageNotPersistent = "storage-not-persistent"
        case storageReadOnly = "storage-read-only"
        case targetDiffers = "target-differs"
        case toolMissing = "tool-missing"
        case bootUnitMissing = "boot-unit-missing"
    }

    package let code: Code
    /// One or two sentences; may hold text of the host, so print it escaped.
    package let message: String

    package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    package var description: String { "\(message) (\(code.rawValue))" }
}
