package import EbbModel

/// Scripts that keep what a boot would erase on persistent storage, and bring it back.
package enum SafetyCopyShell {
    /// Where copies lie below a persistent mount.
    static func folder(on mount: String) -> String { (mount == "/" ? "" : mount) + "/.ebb/safety" }

    /// Copies these paths, without what is below them, into one archive that appears whole or not.
    ///
    /// Answers `copied NAME BYTES`. The oldest archives beyond `keep` go.
    package static func copy(_ paths: [BytePath], name: String, mount: String, keep: Int) -> HostScript {
        HostScript(
            PackageResources.safety_copy_sh,
            values: ["mount": mount, "folder": folder(on: mount), "name": name, "keep": "\(keep)"],
            words: paths.map(relative))
    }

    /// Lists every copy: `== NAME BYTES`, then one line per path, escaped as `tar` does it.
    package static func list(mount: String) -> HostScript {
        HostScript(PackageResources.safety_list_sh, values: ["folder": folder(on: mount)])
    }

    /// Brings a path, with all that is below it, back to where it was, out of one copy.
    ///
    /// Nothing that is there is replaced unless that is wanted. Answers with the restored paths.
    package static func restore(_ path: BytePath, from name: String, mount: String, replacing: Bool) -> HostScript {
        HostScript(
            PackageResources.safety_restore_sh,
            values: [
                "file": folder(on: mount) + "/\(name).tar", "existing": replacing ? "--overwrite" : "--keep-old-files",
            ], words: [relative(path)])
    }

    private static func relative(_ path: BytePath) -> [UInt8] { Array(path.bytes.drop { $0 == UInt8(ascii: "/") }) }
}

/// What the safety copies on a host hold, read from `SafetyCopyShell.list`.
package struct SafetyCopyListing: Hashable, Sendable {
    /// One path in one copy; texts are as `tar` escapes them, safe to print.
    package struct Entry: Hashable, Sendable {
        package let copy: String
        /// In bytes.
        package let size: String
        package let path: String
    }

    /// The newest copy first, each in the archive's order.
    package let entries: [Entry]

    package init(_ output: [UInt8]) {
        var copy = ""
        var entries: [Entry] = []
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("== ") {
                copy = PrintableText.line(String(line.split(separator: " ")[1]))
                continue
            }
            // Mode, owner/group, size, day, time, path.
            let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard words.count == 6, !copy.isEmpty else { continue }
            entries.append(
                Entry(
                    copy: copy, size: PrintableText.line(String(words[2])),
                    path: "/" + PrintableText.line(String(words[5]))))
        }
        self.entries = entries
    }

    /// The newest copy that holds a path or something below it.
    package func newest(holding path: String, named name: String?) -> String? {
        entries.first { entry in
            (name == nil || entry.copy == name)
                && (entry.path == path || entry.path.hasPrefix(path + " -> ") || entry.path == path + "/"
                    || entry.path.hasPrefix(path + "/"))
        }?.copy
    }
}
