import EbbModel
import FoundationEssentials

/// A line of `zfs diff -FHt`: `time TAB change TAB kind TAB path`, and for a rename a second path, for
/// a link `(+1)`.
///
/// In paths every byte that is not printable is a backslash and four octal digits.
struct ZFSDiffLine {
    /// `nil` for what has no place in the tree: deleted but open files, extended attributes.
    let change: PathChange?

    /// Reads a line without its newline; `nil` when it is not in its form.
    init?(_ line: UnsafeBufferPointer<UInt8>) {
        let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        guard fields.count == 4 || fields.count == 5, fields[1].count == 1, fields[2].count == 1,
            let kind = Self.kinds[fields[2][fields[2].startIndex]], let time = Self.time(fields[0]),
            let path = Self.path(fields[3])
        else { return nil }
        let change: PathChange
        switch (fields[1][fields[1].startIndex], fields.count) {
        case (UInt8(ascii: "+"), 4): change = PathChange(path: path, change: .added, kind: kind, changed: time)
        case (UInt8(ascii: "-"), 4): change = PathChange(path: path, change: .removed, kind: kind)
        case (UInt8(ascii: "M"), _): change = PathChange(path: path, change: .modified, kind: kind, changed: time)
        case (UInt8(ascii: "R"), 5):
            guard let new = Self.path(fields[4]) else { return nil }
            change = PathChange(path: new, change: .renamed, kind: kind, renamedFrom: path, changed: time)
        default: return nil
        }
        let bytes = change.path.bytes
        let isOutside =
            bytes.first != UInt8(ascii: "/") || bytes.suffix(Self.queue.count).elementsEqual(Self.queue)
            || bytes.suffix(Self.attributes.count).elementsEqual(Self.attributes)
        self.change = isOutside ? nil : change
    }

    private static let queue = Array("(on_delete_queue)".utf8)
    private static let attributes = Array("/<xattrdir>".utf8)
    private static let kinds: [UInt8: FileKind] = [
        UInt8(ascii: "F"): .file, UInt8(ascii: "/"): .directory, UInt8(ascii: "@"): .symlink, UInt8(ascii: "|"): .fifo,
        UInt8(ascii: "="): .socket, UInt8(ascii: "B"): .block, UInt8(ascii: "C"): .character,
    ]

    private static func time(_ field: some Sequence<UInt8>) -> Date? {
        let seconds = Double(String(decoding: field.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self))
        guard let seconds, (0..<0x1p40).contains(seconds) else { return nil }
        return Date(timeIntervalSince1970: seconds)
    }

    /// The path without its escapes; `nil` where there is none, or an escape is broken.
    private static func path(_ field: Slice<UnsafeBufferPointer<UInt8>>) -> BytePath? {
        field.isEmpty ? nil : field.unescaped(digits: 4).map { BytePath(bytes: $0) }
    }
}
