package import EbbModel
import FoundationEssentials

/// Reads the output of `zfs diff -FHt` as it arrives.
///
/// A line is `time TAB change TAB kind TAB path`, and for a rename a second path, for a link `(+1)`.
/// In paths every byte that is not printable is a backslash and four octal digits.
package struct ZFSDiffParser: Sendable {
    /// What is wrong with the output.
    package private(set) var gap: ProbeGap?
    private var changes: ChangeCollector
    private var held: [UInt8] = []

    private static let lineLimit = 64 << 10

    package init(_ policy: SpillPolicy = .never) { changes = ChangeCollector(policy) }

    /// Reads the next bytes.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) {
        if gap != nil { return }
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            while let end = bytes.firstIndex(of: 10, from: start) {
                let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
                if held.isEmpty {
                    take(line)
                } else {
                    held.append(contentsOf: line)
                    let whole = held
                    held = []
                    whole.withUnsafeBufferPointer { take($0) }
                }
                start = end + 1
            }
            held.append(contentsOf: bytes[start...])
        }
        if held.count > Self.lineLimit { fail("a line without an end") }
    }

    /// The changes once all bytes were fed; a path that was replaced under its name is one of them.
    package mutating func finish() -> ChangeList {
        if !held.isEmpty { fail("a line without an end") }
        held = []
        do throws(SpillError) { return try changes.finish() } catch {
            fail(error.message, .failed)
            return ChangeList()
        }
    }

    private mutating func fail(_ message: String, _ reason: ProbeGap.Reason = .unparseable) {
        if gap == nil { gap = ProbeGap(probe: ZFSDiffProbe.name, reason: reason, message: message) }
    }

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>) {
        if gap != nil { return }
        guard let fields = Self.fields(line), let change = Self.change(line, fields) else {
            return fail("cannot read the line " + String(decoding: line.prefix(200), as: UTF8.self))
        }
        switch change {
        case .one(let change): do throws(SpillError) { try changes.add(change) } catch { fail(error.message, .failed) }
        case .nothing: break
        }
    }

    private struct Fields {
        var starts = (0, 0, 0, 0, 0, 0)
        var count = 1
    }

    private enum Reading {
        case one(PathChange)
        /// What has no place in the tree: deleted but open files, extended attributes.
        case nothing
    }

    /// Where the fields begin; the place behind the last one is the line's end and one more.
    private static func fields(_ line: UnsafeBufferPointer<UInt8>) -> Fields? {
        var fields = Fields()
        for index in 0..<line.count where line[index] == 9 {
            switch fields.count {
            case 1: fields.starts.1 = index + 1
            case 2: fields.starts.2 = index + 1
            case 3: fields.starts.3 = index + 1
            case 4: fields.starts.4 = index + 1
            default: return nil
            }
            fields.count += 1
        }
        guard fields.count >= 4 else { return nil }
        if fields.count == 4 { fields.starts.4 = line.count + 1 }
        fields.starts.5 = line.count + 1
        return fields
    }

    private static func change(_ line: UnsafeBufferPointer<UInt8>, _ fields: Fields) -> Reading? {
        let starts = fields.starts
        guard starts.2 - starts.1 == 2, starts.3 - starts.2 == 2, let kind = kind(line[starts.2]),
            let time = time(line[0..<(starts.1 - 1)])
        else { return nil }
        guard let path = path(line[starts.3..<(starts.4 - 1)]) else { return nil }
        let hasMore = fields.count == 5
        switch line[starts.1] {
        case UInt8(ascii: "+") where !hasMore:
            return reading(PathChange(path: path, change: .added, kind: kind, changed: time))
        case UInt8(ascii: "-") where !hasMore: return reading(PathChange(path: path, change: .removed, kind: kind))
        case UInt8(ascii: "M"): return reading(PathChange(path: path, change: .modified, kind: kind, changed: time))
        case UInt8(ascii: "R") where hasMore:
            guard let new = self.path(line[starts.4..<(starts.5 - 1)]) else { return nil }
            return reading(PathChange(path: new, change: .renamed, kind: kind, renamedFrom: path, changed: time))
        default: return nil
        }
    }

    private static let queue = Array("(on_delete_queue)".utf8)
    private static let attributes = Array("/<xattrdir>".utf8)

    private static func reading(_ change: PathChange) -> Reading {
        let bytes = change.path.bytes
        if bytes.suffix(queue.count).elementsEqual(queue) { return .nothing }
        if bytes.last != UInt8(ascii: ">"), bytes.first == UInt8(ascii: "/") { return .one(change) }
        return bytes.first != UInt8(ascii: "/") || bytes.suffix(attributes.count).elementsEqual(attributes)
            ? .nothing : .one(change)
    }

    private static func kind(_ letter: UInt8) -> FileKind? {
        switch letter {
        case UInt8(ascii: "F"): .file
        case UInt8(ascii: "/"): .directory
        case UInt8(ascii: "@"): .symlink
        case UInt8(ascii: "|"): .fifo
        case UInt8(ascii: "="): .socket
        case UInt8(ascii: "B"): .block
        case UInt8(ascii: "C"): .character
        default: nil
        }
    }

    private static func time(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Date? {
        var seconds: Int64 = 0
        var fraction: Int64 = 0
        var weight: Int64 = 0
        for byte in bytes where byte != UInt8(ascii: " ") {
            if byte == UInt8(ascii: "."), weight == 0 {
                weight = 100_000_000
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10, seconds < 1 << 40 else { return nil }
            if weight > 0 {
                fraction += Int64(digit) * weight
                weight /= 10
            } else {
                seconds = seconds * 10 + Int64(digit)
            }
        }
        return Date(timeIntervalSince1970: Double(seconds) + Double(fraction) / 1e9)
    }

    /// The path without its escapes; `nil` where one is broken.
    private static func path(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> BytePath? {
        guard !bytes.isEmpty else { return nil }
        guard bytes.contains(UInt8(ascii: "\\")) else { return BytePath(bytes: Array(bytes)) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                index += 1
                continue
            }
            guard index + 4 < bytes.endIndex else { return nil }
            var value = 0
            for offset in 1...4 {
                let digit = bytes[index + offset] &- UInt8(ascii: "0")
                guard digit < 8 else { return nil }
                value = value * 8 + Int(digit)
            }
            guard value < 256 else { return nil }
            result.append(UInt8(value))
            index += 5
        }
        return BytePath(bytes: result)
    }
}
