package import EbbModel
import FoundationEssentials

/// Turns a listing of what differs from the blank into changes, as it arrives.
///
/// Memory holds what the policy of the list's builder allows, and one record.
package struct DriftParser: Sendable {
    /// How a listing is written.
    package enum Format: Sendable {
        /// The drift probe's records, each ended by NUL.
        case trees
        /// The lines of `zfs diff -FHt`.
        case zfsDiff

        /// The probe that brings it.
        var probe: String { self == .trees ? DriftProbe.name : ZFSDiffProbe.name }
    }

    let format: Format
    /// What is missing, and why.
    package private(set) var gaps: [ProbeGap] = []
    /// Whether the live root was seen without the mounts that cover parts of it.
    private var isBare: Bool
    /// Digests of small files on the live side.
    private(set) var contents: [BytePath: [UInt8]] = [:]
    /// Mounts beside the root whose content was listed, because the boot destroys it.
    private(set) var erased: Set<BytePath> = []
    /// Adopted paths whose originals are as they were when the copy was compared with them.
    private(set) var originals: Set<BytePath> = []
    /// Small files on the live side that hold a private key.
    private(set) var keys: Set<BytePath> = []
    /// Whether the probe said that it came to its end, where it says so.
    private(set) var isEnded: Bool

    private static let recordLimit = 64 << 10
    /// More than the probe ever tells.
    private static let contentLimit = 8_000

    private var changes: ChangeListBuilder
    private var previous: DriftRecord?
    private var held: [UInt8] = []
    private var isBroken = false

    /// Reads a listing that may hold as much in memory as the policy says.
    package init(_ format: Format, policy: SpillPolicy = .never) {
        self.format = format
        changes = ChangeListBuilder(policy)
        isBare = format == .zfsDiff
        isEnded = isBare
    }

    /// Reads the next bytes.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) {
        if isBroken { return }
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            while let end = bytes.firstIndex(of: format == .trees ? 0 : UInt8(ascii: "\n"), from: start) {
                let record = UnsafeBufferPointer(rebasing: bytes[start..<end])
                if held.isEmpty {
                    take(record)
                } else {
                    held.append(contentsOf: record)
                    let whole = held
                    held = []
                    whole.withUnsafeBufferPointer { take($0) }
                }
                start = end + 1
            }
            held.append(contentsOf: bytes[start...])
        }
        if held.count > Self.recordLimit { fail("a \(format == .trees ? "record" : "line") without an end") }
    }

    /// The changes once all bytes were fed, as seen without mounts; a path that was replaced under its name
    /// is one of them.
    package mutating func finish() -> ChangeList { finish(mounts: MountTable([])) }

    /// The changes once all bytes were fed.
    mutating func finish(mounts: MountTable) -> ChangeList {
        if let previous { single(previous) }
        previous = nil
        if !held.isEmpty { fail("a \(format == .trees ? "record" : "line") without an end") }
        held = []
        var list = ChangeList()
        // What ZFS named is true, whatever followed it.
        if format == .zfsDiff { isBroken = false }
        keep { (changes) throws(SpillError) in list = try changes.finish() }
        return isBare ? list : list.hiding(Self.covered(by: mounts), except: erased)
    }

    /// Does something to the changes; what cannot be put aside is missing.
    private mutating func keep(_ body: (inout ChangeListBuilder) throws(SpillError) -> Void) {
        if isBroken { return }
        do throws(SpillError) { try body(&changes) } catch { fail(error.message, .failed) }
    }

    private mutating func fail(_ message: String, _ reason: ProbeGap.Reason = .unparseable) {
        if isBroken { return }
        isBroken = true
        held = []
        gaps.append(ProbeGap(probe: format.probe, reason: reason, message: message))
    }

    private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) {
        if isBroken { return }
        if format == .zfsDiff {
            guard let line = ZFSDiffLine(bytes) else { return failReading("line", bytes) }
            if let change = line.change { keep { (changes) throws(SpillError) in try changes.add(change) } }
            return
        }
        switch bytes.first {
        case UInt8(ascii: "#"): tell(String(decoding: bytes.dropFirst(), as: UTF8.self))
        case UInt8(ascii: "="):
            let path = BytePath(bytes: Array(bytes.dropFirst()))
            keep { (changes) throws(SpillError) in try changes.settle(path) }
        case UInt8(ascii: "@"): note(bytes)
        case UInt8(ascii: "!"):
            if keys.count < Self.contentLimit { keys.insert(BytePath(bytes: Array(bytes.dropFirst()))) }
        default:
            guard let record = DriftRecord(bytes) else { return failReading("record", bytes) }
            merge(record)
        }
    }

    private mutating func failReading(_ what: String, _ bytes: UnsafeBufferPointer<UInt8>) {
        fail("cannot read the \(what) \(String(decoding: bytes.prefix(200), as: UTF8.self))")
    }

    private mutating func tell(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2)
        switch words.first {
        case "view": isBare = words.last == "bare"
        case "inodes": changes.needsEqualTimes = words.last == "zfs"
        case "end": isEnded = true
        case "original" where words.count > 1: originals.insert(BytePath(line.dropFirst("original ".count).description))
        case "erased" where words.count > 1: erased.insert(BytePath(line.dropFirst("erased ".count).description))
        // What speaks of the blank itself counts for more than the drift.
        case "gap" where words.count == 3, "origin" where words.count == 3:
            gaps.append(
                ProbeGap(
                    probe: words[0] == "origin" ? ProbeGap.blank : DriftProbe.name,
                    reason: ProbeGap.Reason(rawValue: String(words[1])) ?? .failed, message: String(words[2])))
        default: break
        }
    }

    /// `@digest /path`, the digest in 64 hexadecimal digits.
    private mutating func note(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count > 66, bytes[65] == UInt8(ascii: " "), bytes[66] == UInt8(ascii: "/") else {
            return fail("cannot read a digest")
        }
        let digest = stride(from: 1, to: 65, by: 2).compactMap { index in
            UInt8(String(decoding: bytes[index...(index + 1)], as: UTF8.self), radix: 16)
        }
        guard digest.count == 32 else { return fail("cannot read a digest") }
        guard contents.count < Self.contentLimit else { return }
        contents[BytePath(bytes: Array(UnsafeBufferPointer(rebasing: bytes[66...])))] = digest
    }

    /// The two records of a path, if there are two, follow each other.
    private mutating func merge(_ record: DriftRecord) {
        // Swapped, not copied: a million records go through here.
        var earlier: DriftRecord? = record
        swap(&earlier, &previous)
        guard let earlier else { return }
        guard earlier.side != record.side, earlier.path.bytes == record.path.bytes else { return single(earlier) }
        previous = nil
        let (blank, live) = earlier.side == .blank ? (earlier, record) : (record, earlier)
        if blank.differsVisibly(from: live) {
            keep { (changes) throws(SpillError) in try changes.add(live.change(.modified)) }
        } else if blank.changed != live.changed {
            // Only a time differs, until the host has looked closer.
            keep { (changes) throws(SpillError) in try changes.addDoubtful(live.change(.modified)) }
        }
    }

    private mutating func single(_ record: DriftRecord) {
        let change = record.change(record.side == .live ? .added : .removed)
        keep { (changes) throws(SpillError) in try changes.add(change, inode: record.inode) }
    }

    /// Without the bare view, a mount point shows the mounted tree's own mode and owner, and what
    /// the blank has below it cannot be seen: nothing is known about either.
    private static func covered(by mounts: MountTable) -> Set<BytePath> {
        Set(mounts.mounts.map(\.mountPoint)).subtracting([BytePath("/")])
    }
}

extension DriftRecord {
    /// Whether something differs that a person would call a change.
    ///
    /// A directory's times follow its entries, which are listed themselves; a link is its target.
    func differsVisibly(from other: DriftRecord) -> Bool {
        if kind != other.kind || uid != other.uid || gid != other.gid || mode != other.mode { return true }
        switch kind {
        case .file: return size != other.size || modified != other.modified
        case .symlink: return linkTarget != other.linkTarget
        case .directory, .fifo, .socket, .block, .character: return false
        }
    }

    /// The record as one side of a change.
    func change(_ change: PathChange.Kind) -> PathChange {
        PathChange(
            path: path, change: change, kind: kind, size: size, mode: mode, uid: uid, gid: gid,
            modified: modified?.date, linkTarget: linkTarget, changed: side == .live ? changed?.date : nil)
    }
}

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
