package import EbbModel

/// The table on persistent storage that `ebb-persist` puts in effect at boot.
///
/// One line a path: mechanism, path and target, separated by tabs. What would break a line or
/// depend on a locale is written as `\0NNN` with three octal digits, as `printf %b` reads it.
package struct PersistenceTable: Hashable, Sendable {
    /// One path that is kept.
    package struct Line: Hashable, Sendable {
        package let mechanism: Mechanism
        package let path: BytePath
        package let target: BytePath

        package init(mechanism: Mechanism, path: BytePath, target: BytePath) {
            (self.mechanism, self.path, self.target) = (mechanism, path, target)
        }

        /// The line without its newline: always the same text for the same path.
        package var text: String {
            [mechanism.rawValue, PersistenceTable.encoded(path), PersistenceTable.encoded(target)].joined(
                separator: "\t")
        }

        /// Reads a line; `nil` unless it has the three fields and a mechanism of the table.
        package init?(_ text: some Sequence<UInt8>) {
            let fields = Array(text).split(separator: UInt8(ascii: "\t"))
            guard fields.count == 3, let mechanism = Mechanism(rawValue: String(decoding: fields[0], as: UTF8.self)),
                mechanism == .bind || mechanism == .symlink
            else { return nil }
            self.mechanism = mechanism
            path = PersistenceTable.decoded(fields[1])
            target = PersistenceTable.decoded(fields[2])
        }
    }

    /// What is kept, in the order in which it is put in effect.
    package var lines: [Line]
    /// Numbers of the lines that could not be read, counted from 1.
    package private(set) var unreadable: [Int] = []

    package init(lines: [Line] = []) { self.lines = lines }

    /// Reads a whole table; comments and empty lines are passed over.
    package init(parsing bytes: [UInt8]) {
        lines = []
        let rows = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, row) in rows.enumerated() where !row.isEmpty {
            if row.first == UInt8(ascii: "#") { continue }
            if let line = Line(row) { lines.append(line) } else { unreadable.append(index + 1) }
        }
    }

    /// The table as it stands on the host.
    package var text: String {
        "# The persistence set, one path a line: mechanism, path, target. Written by ebb.\n"
            + lines.map { $0.text + "\n" }.joined()
    }

    /// A path as one field of the table.
    package static func encoded(_ path: BytePath) -> String {
        var field = ""
        for byte in path.bytes {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "\\") {
                field.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let octal = String(byte, radix: 8)
                field += "\\0" + String(repeating: "0", count: 3 - octal.count) + octal
            }
        }
        return field
    }

    private static func decoded(_ field: some Sequence<UInt8>) -> BytePath {
        let field = Array(field)
        var bytes: [UInt8] = []
        var index = 0
        while index < field.count {
            let digits = field.dropFirst(index + 2).prefix(3)
            if field[index] == UInt8(ascii: "\\"), index + 1 < field.count, field[index + 1] == UInt8(ascii: "0"),
                digits.count == 3, let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(byte)
                index += 5
            } else {
                bytes.append(field[index])
                index += 1
            }
        }
        return BytePath(bytes: bytes)
    }
}
