package import EbbModel

/// What can be said of a move from the declaration alone.
package struct AdoptCheck: Hashable, Sendable {
    /// The path that programs use.
    package let path: BytePath
    /// Where its bytes shall live.
    package let target: BytePath
    /// Mount point of the persistent storage that holds the target.
    package let storage: BytePath

    /// Checks an entry against everything else that is declared for its host.
    package init(_ entry: PersistenceEntry, settings: HostSettings) throws(AdoptRefusal) {
        guard entry.mechanism == .bind || entry.mechanism == .symlink else {
            throw AdoptRefusal(
                .mechanism, "\(entry.path) is kept by \(entry.mechanism.rawValue): there is nothing to move here")
        }
        guard let target = settings.target(of: entry) else {
            throw AdoptRefusal(.noStorage, "declare persistent storage: ebb: {persist: [{mount: …}]}")
        }
        for text in [entry.path, target] where !Self.isPlain(text) {
            throw AdoptRefusal(.badPath, "\(text) is not an absolute path without empty, `.` or `..` parts")
        }
        path = BytePath(entry.path)
        self.target = BytePath(target)
        let holders = settings.persist.map { BytePath($0.mount) }.filter {
            BytePath(target).isInside($0) && BytePath(target) != $0
        }
        guard let storage = holders.max(by: { $0.bytes.count < $1.bytes.count }) else {
            throw AdoptRefusal(.noStorage, "\(target) lies on no declared persistent storage")
        }
        self.storage = storage
        if path.isInside(storage) || storage.isInside(path) {
            throw AdoptRefusal(.overlap, "one of \(entry.path) and the storage \(storage) lies in the other")
        }
        if let cure = RenamedFiles.cure(for: path) {
            throw AdoptRefusal(
                .renamedOver,
                "programs replace \(entry.path) by renaming a new file over it, which neither a "
                    + "bind mount nor a link survives; instead: \(cure)")
        }
        // Stricter than the inventory: a move of a live path would leave a mount inside it behind.
        // The script checks the host's own table, which may hold what is declared no more.
        for other in settings.persistence where other.path != entry.path {
            if other.mechanism != .config, entry.overlaps(other) {
                throw AdoptRefusal(.overlap, "one of \(entry.path) and the declared \(other.path) lies in the other")
            }
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        guard text.hasPrefix("/"), text.count > 1, !text.utf8.contains(0) else { return false }
        return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0 != "." && $0 != ".."
        }
    }
}
