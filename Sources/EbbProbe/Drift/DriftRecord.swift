import EbbModel
import FoundationEssentials

/// One entry of one of the two trees, as the drift probe lists it.
struct DriftRecord {
    /// The tree that has the entry.
    enum Side { case blank, live }

    /// A time to the nanosecond.
    struct Time: Equatable {
        let seconds: Int64
        let nanoseconds: Int32

        var date: Date {
            Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9)
        }
    }

    let side: Side
    let path: BytePath
    let kind: FileKind
    let size: Int64?
    let mode: UInt16?
    let uid: UInt32?
    let gid: UInt32?
    let modified: Time?
    let changed: Time?
    let inode: UInt64?
    let linkTarget: BytePath?

    /// Reads a record; `nil` when it is not in its form.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        var cursor = 0
        if bytes.count > 0, bytes[0] == UInt8(ascii: "\t") {
            side = .live
            cursor = 1
        } else {
            side = .blank
        }
        let slash = UInt8(ascii: "/")
        guard cursor < bytes.count, bytes[cursor] == slash else { return nil }
        // The root's own path is empty, so its record starts with the three slashes `/` and `//`.
        var end = cursor + 1
        while true {
            guard end + 1 < bytes.count else { return nil }
            if bytes[end] == slash, bytes[end + 1] == slash { break }
            end += 1
        }
        path = BytePath(bytes: Array(UnsafeBufferPointer(rebasing: bytes[cursor..<end])))
        var fields = FieldReader(bytes: bytes, position: end + 2)
        guard let letter = fields.letter(), let kind = FileKind(findLetter: letter) else {
            return nil
        }
        self.kind = kind
        guard let size = fields.number(), let mode = fields.number(radix: 8),
            let uid = fields.number(), let gid = fields.number(), let modified = fields.time(),
            let changed = fields.time(), let inode = fields.number()
        else { return nil }
        self.size = size.value.map { Int64(clamping: $0) }
        self.mode = mode.value.map { UInt16(truncatingIfNeeded: $0) }
        self.uid = uid.value.map { UInt32(truncatingIfNeeded: $0) }
        self.gid = gid.value.map { UInt32(truncatingIfNeeded: $0) }
        self.modified = modified.value
        self.changed = changed.value
        self.inode = inode.value
        if kind == .symlink {
            guard fields.position <= bytes.count else { return nil }
            linkTarget = BytePath(
                bytes: Array(UnsafeBufferPointer(rebasing: bytes[fields.position...])))
        } else {
            guard fields.position == bytes.count + 1 else { return nil }
            linkTarget = nil
        }
    }
}

/// Reads fields that are separated by single spaces.
private struct FieldReader {
    /// A field that is in its form; `nil` inside is the `-` of a field that does not count.
    struct Field<Value> {
        let value: Value?
    }

    let bytes: UnsafeBufferPointer<UInt8>
    /// Where the next field starts; one past the end after the last field.
    var position: Int

    private static let space = UInt8(ascii: " ")
    private static let dash = UInt8(ascii: "-")

    mutating func letter() -> UInt8? {
        guard position + 1 < bytes.count, bytes[position + 1] == Self.space else { return nil }
        defer { position += 2 }
        return bytes[position]
    }

    mutating func number(radix: UInt64 = 10) -> Field<UInt64>? {
        if isAbsent() { return Field(value: nil) }
        guard let value = digits(radix) else { return nil }
        guard endField() else { return nil }
        return Field(value: value)
    }

    /// `seconds.fraction`, where find writes nine digits and a zero; seconds may be negative.
    mutating func time() -> Field<DriftRecord.Time>? {
        if isAbsent() { return Field(value: nil) }
        let isNegative = position < bytes.count && bytes[position] == Self.dash
        if isNegative { position += 1 }
        guard let seconds = digits(10), seconds < 1 << 62 else { return nil }
        var fraction: Int64 = 0
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            var weight: Int64 = 100_000_000
            while position < bytes.count, let digit = digit(bytes[position], 10) {
                fraction += Int64(digit) * weight
                weight /= 10
                position += 1
            }
        }
        guard endField() else { return nil }
        return Field(
            value: DriftRecord.Time(
                seconds: isNegative ? -Int64(seconds) : Int64(seconds),
                nanoseconds: Int32(truncatingIfNeeded: fraction)))
    }

    private mutating func isAbsent() -> Bool {
        guard position < bytes.count, bytes[position] == Self.dash,
            position + 1 == bytes.count || bytes[position + 1] == Self.space
        else { return false }
        position += 2
        return true
    }

    private mutating func endField() -> Bool {
        guard position == bytes.count || bytes[position] == Self.space else { return false }
        position += 1
        return true
    }

    private mutating func digits(_ radix: UInt64) -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while position < bytes.count, let digit = digit(bytes[position], radix) {
            let (product, overflow) = value.multipliedReportingOverflow(by: radix)
            if overflow { return nil }
            value = product &+ digit
            position += 1
        }
        return position > start ? value : nil
    }

    private func digit(_ byte: UInt8, _ radix: UInt64) -> UInt64? {
        let digit = UInt64(byte &- UInt8(ascii: "0"))
        return digit < radix ? digit : nil
    }
}
