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
    package let entry: PersistenceEntry
    package let check: AdoptCheck
    package let nonce: ProbeNonce
    /// Whether services that write to the path are stopped while it moves.
    package let pausesServices: Bool
    private let blank: BytePath?
    private let root: BytePath

    /// Prepares a move, or refuses what the declaration alone rules out.
    ///
    /// `root` is the mount point of the ephemeral root, which is `/` but in tests.
    package init(
        _ operation: Operation, entry: PersistenceEntry, settings: HostSettings, nonce: ProbeNonce,
        pausesServices: Bool = false, root: BytePath = BytePath("/")
    ) throws(AdoptRefusal) {
        check = try AdoptCheck(entry, settings: settings)
        (self.operation, self.entry, self.nonce, self.pausesServices) = (operation, entry, nonce, pausesServices)
        self.root = root
        blank = settings.root.flatMap(BlankView.directory)
    }

    /// The script, for the standard input of `sh -s`.
    package var bytes: [UInt8] {
        let line = PersistenceTable.Line(mechanism: entry.mechanism, path: check.path, target: check.target)
        let script = HostScript(
            Array("{\n".utf8), PackageResources.adopt_sh, Array("\n} </dev/null\n".utf8),
            values: [
                "operation": operation.rawValue, "nonce": nonce.text, "id": Self.identifier(of: check.path),
                "mechanism": entry.mechanism.rawValue, "path": text(check.path.bytes),
                "target": text(check.target.bytes), "storage": text(check.storage.bytes), "root": text(root.bytes),
                "blank": text(blank?.bytes ?? []), "line": line.text, "encoded": PersistenceTable.encoded(check.path),
                "glob": text(Self.globLiteral(check.path)), "mount_name": text(Self.mountInfoName(check.path)),
                "owner": entry.owner ?? "", "group": entry.group ?? "", "mode": String(entry.mode ?? 0o755, radix: 8),
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

    /// The path as a pattern that matches itself only.
    private static func globLiteral(_ path: BytePath) -> [UInt8] {
        path.bytes.flatMap { byte in Array("\\*?[".utf8).contains(byte) ? [UInt8(ascii: "\\"), byte] : [byte] }
    }

    /// The path as the kernel writes it in `/proc/self/mountinfo`.
    private static func mountInfoName(_ path: BytePath) -> [UInt8] {
        path.bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: " "): Array("\\040".utf8)
            case UInt8(ascii: "\t"): Array("\\011".utf8)
            case UInt8(ascii: "\n"): Array("\\012".utf8)
            case UInt8(ascii: "\\"): Array("\\134".utf8)
            default: [byte]
            }
        }
    }
}
