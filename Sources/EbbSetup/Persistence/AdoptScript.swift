package import EbbModel
package import EbbProbe

/// The script that moves one declared path onto persistent storage, back, or closes the move.
///
/// Running it again continues what an earlier run began, whatever ended that run. Its answer is
/// read by `AdoptReport` with the same nonce.
package struct AdoptScript: Hashable, Sendable {
    /// What is to be done.
    package enum Operation: String, Sendable, Codable, CaseIterable {
        /// Move the path, or continue a move.
        case adopt
        /// Undo a move at whatever step it is; the newest data end up on the root.
        case rollback
        /// Close a move after a proven boot.
        case finish
    }

    package let operation: Operation
    private let entry: PersistenceEntry
    /// The path that programs use.
    private let path: BytePath
    /// Where its bytes shall live.
    private let target: BytePath
    /// Mount point of the persistent storage that holds the target.
    private let storage: BytePath
    package let nonce: ProbeNonce
    /// Whether services that write to the path are stopped while it moves.
    private let pausesServices: Bool
    private let blank: BytePath?
    private let root: BytePath

    /// Prepares a move, or refuses what the declaration alone rules out.
    ///
    /// `root` is the mount point of the ephemeral root, which is `/` but in tests.
    package init(
        _ operation: Operation, entry: PersistenceEntry, settings: HostSettings, nonce: ProbeNonce,
        pausesServices: Bool = false, root: BytePath = BytePath("/")
    ) throws(AdoptRefusal) {
        (self.operation, self.entry, self.nonce, self.pausesServices) = (operation, entry, nonce, pausesServices)
        (self.root, blank) = (root, settings.root?.blankDirectory)
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

    /// The script, for the standard input of `sh -s`.
    package var bytes: [UInt8] {
        let line = PersistenceTable.line(entry.mechanism, path: path, target: target)
        let script = HostScript(
            Array("{\n".utf8), PackageResources.adopt_sh, Array("\n} </dev/null\n".utf8),
            values: [
                "operation": operation.rawValue, "nonce": nonce.text, "id": Self.identifier(of: path),
                "mechanism": entry.mechanism.rawValue, "path": text(path.bytes), "target": text(target.bytes),
                "storage": text(storage.bytes), "root": text(root.bytes), "blank": text(blank?.bytes ?? []),
                "line": line, "encoded": PersistenceTable.encoded(path), "glob": text(path.globLiteral),
                "target_glob": text(target.globLiteral), "mount_name": text(Self.mountInfoName(path)),
                "owner": entry.owner ?? "", "group": entry.group ?? "", "mode": String(entry.mode ?? 0o755, radix: 8),
                "declared_mode": entry.mode.map { String($0, radix: 8) } ?? "",
                "absent": looksLikeFile ? "refuse" : "directory", "pause": pausesServices ? "yes" : "no",
            ])
        // The braces make the shell read all of the text before it runs any of it.
        return script.bytes
    }

    /// A declared path is text of the inventory, so nothing of it is lost.
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Whether a path that is nowhere yet would be a file: no directory is made for it then.
    private var looksLikeFile: Bool {
        let name = entry.path.split(separator: "/").last ?? ""
        let known = ["machine-id", "hostid", "random-seed", "crontab", "environment"]
        return name.dropFirst().contains(".") && !name.hasSuffix(".d") || known.contains(String(name))
            || name.hasPrefix("ssh_host_")
    }

    /// The name of the journal's directory: sixteen hexadecimal digits of the path's FNV-1a hash.
    ///
    /// The journal holds the path as well, so that two paths with one hash are noticed.
    static func identifier(of path: BytePath) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in path.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The path as the kernel writes it in `/proc/self/mountinfo`.
    private static func mountInfoName(_ path: BytePath) -> [UInt8] {
        let escapes: [UInt8: String] = [0x20: "\\040", 0x09: "\\011", 0x0A: "\\012", 0x5C: "\\134"]
        return path.bytes.flatMap { byte in escapes[byte].map { Array($0.utf8) } ?? [byte] }
    }
}

/// The table on persistent storage that `ebb-persist` puts in effect at boot.
///
/// One line a path: mechanism, path and target, separated by tabs. What would break a line or
/// depend on a locale is written as `\0NNN` with three octal digits, as `printf %b` reads it.
enum PersistenceTable {
    /// A line without its newline: always the same text for the same path.
    static func line(_ mechanism: Mechanism, path: BytePath, target: BytePath) -> String {
        [mechanism.rawValue, encoded(path), encoded(target)].joined(separator: "\t")
    }

    /// A path as one field of the table.
    static func encoded(_ path: BytePath) -> String {
        path.bytes.map { byte in
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "\\") { return String(Unicode.Scalar(byte)) }
            let octal = String(byte, radix: 8)
            return "\\0" + String(repeating: "0", count: 3 - octal.count) + octal
        }.joined()
    }
}
