import EbbModel

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
