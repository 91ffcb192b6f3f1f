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

        var date: Date { Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9) }
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
        let slash = UInt8(ascii: "/")
        let isLive = bytes.first == UInt8(ascii: "\t")
        let start = isLive ? 1 : 0
        guard start < bytes.count, bytes[start] == slash else { return nil }
        // The root's own path is empty, so its record starts with the three slashes `/` and `//`.
        var end = start + 1
        while true {
            guard end + 1 < bytes.count else { return nil }
            if bytes[end] == slash, bytes[end + 1] == slash { break }
            end += 1
        }
        var fields = FieldReader(bytes: bytes, position: end + 2)
        guard let letter = fields.letter(), let kind = FileKind(findLetter: letter), let size = fields.number(),
            let mode = fields.number(radix: 8), let uid = fields.number(), let gid = fields.number(),
            let modified = fields.time(), let changed = fields.time(), let inode = fields.number()
        else { return nil }
        // All at once and last: what is given back half made is copied.
        side = isLive ? .live : .blank
        path = BytePath(bytes: Array(UnsafeBufferPointer(rebasing: bytes[start..<end])))
        self.kind = kind
        self.size = size.value.map { Int64(clamping: $0) }
        self.mode = mode.value.map { UInt16(truncatingIfNeeded: $0) }
        self.uid = uid.value.map { UInt32(truncatingIfNeeded: $0) }
        self.gid = gid.value.map { UInt32(truncatingIfNeeded: $0) }
        self.modified = modified.value
        self.changed = changed.value
        self.inode = inode.value
        if kind == .symlink {
            guard fields.position <= bytes.count else { return nil }
            linkTarget = BytePath(bytes: Array(UnsafeBufferPointer(rebasing: bytes[fields.position...])))
        } else {
            guard fields.position == bytes.count + 1 else { return nil }
            linkTarget = nil
        }
    }
}

/// Reads fields that are separated by single spaces.
private struct FieldReader {
    /// A field that is in its form; `nil` inside is the `-` of a field that does not count.
    struct Field<Value> { let value: Value? }

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
        var fraction: Int32 = 0
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            var places = 0
            while position < bytes.count {
                let digit = bytes[position] &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                if places < 9 {
                    fraction = fraction &* 10 &+ Int32(digit)
                    places += 1
                }
                position += 1
            }
            while places < 9 {
                fraction &*= 10
                places += 1
            }
        }
        guard endField() else { return nil }
        return Field(
            value: DriftRecord.Time(seconds: isNegative ? -Int64(seconds) : Int64(seconds), nanoseconds: fraction))
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
        while position < bytes.count {
            let digit = UInt64(bytes[position] &- UInt8(ascii: "0"))
            guard digit < radix else { break }
            // Eighteen digits always fit.
            if position - start < 18 {
                value = value &* radix &+ digit
            } else {
                let (product, overflow) = value.multipliedReportingOverflow(by: radix)
                let (sum, carry) = product.addingReportingOverflow(digit)
                if overflow || carry { return nil }
                value = sum
            }
            position += 1
        }
        return position > start ? value : nil
    }
}
