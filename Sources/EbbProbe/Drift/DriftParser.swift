import EbbModel
import FoundationEssentials

/// Turns the output of the drift probe into changes, as it arrives.
///
/// Memory holds what the collector's policy allows, and one record.
struct DriftParser {
    private(set) var gaps: [ProbeGap] = []
    /// Whether the live root was seen without the mounts that cover parts of it.
    private(set) var isBare = false
    /// Digests of small files on the live side.
    private(set) var contents: [BytePath: [UInt8]] = [:]
    /// Whether the probe said that it came to its end.
    private(set) var isEnded = false

    private static let recordLimit = 64 << 10
    /// More than the probe ever tells.
    private static let contentLimit = 8_000

    private var changes: ChangeCollector
    private var previous: DriftRecord?
    private var held: [UInt8] = []
    private var isBroken = false

    init(_ policy: SpillPolicy = .never) { changes = ChangeCollector(policy) }

    /// Reads the next bytes of the probe's output.
    mutating func feed(_ bytes: ArraySlice<UInt8>) {
        if isBroken { return }
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            while let end = bytes.firstIndex(of: 0, from: start) {
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
        if held.count > Self.recordLimit { fail("a record without an end") }
    }

    /// The changes once all bytes were fed.
    mutating func finish(mounts: MountTable) -> ChangeList {
        if let previous { single(previous) }
        previous = nil
        if !held.isEmpty { fail("a record without an end") }
        held = []
        var list = ChangeList()
        keep { (changes) throws(SpillError) in list = try changes.finish() }
        return isBare ? list : list.hiding(Self.covered(by: mounts))
    }

    /// Does something to the changes; what cannot be put aside is missing.
    private mutating func keep(_ body: (inout ChangeCollector) throws(SpillError) -> Void) {
        if isBroken { return }
        do throws(SpillError) { try body(&changes) } catch { fail(error.message, .failed) }
    }

    private mutating func fail(_ message: String, _ reason: ProbeGap.Reason = .unparseable) {
        if isBroken { return }
        isBroken = true
        held = []
        gaps.append(ProbeGap(probe: DriftProbe.name, reason: reason, message: message))
    }

    private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) {
        if isBroken { return }
        switch bytes.first {
        case UInt8(ascii: "#"): tell(String(decoding: bytes.dropFirst(), as: UTF8.self))
        case UInt8(ascii: "="):
            let path = BytePath(bytes: Array(bytes.dropFirst()))
            keep { (changes) throws(SpillError) in try changes.settle(path) }
        case UInt8(ascii: "@"): note(bytes)
        default:
            guard let record = DriftRecord(bytes) else {
                let text = String(decoding: bytes.prefix(200), as: UTF8.self)
                return fail("cannot read the record \(text)")
            }
            merge(record)
        }
    }

    private mutating func tell(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2)
        switch words.first {
        case "view": isBare = words.last == "bare"
        case "inodes": changes.needsEqualTimes = words.last == "zfs"
        case "end": isEnded = true
        case "gap" where words.count == 3:
            gaps.append(
                ProbeGap(
                    probe: DriftProbe.name, reason: ProbeGap.Reason(rawValue: String(words[1])) ?? .failed,
                    message: String(words[2])))
        default: break
        }
    }

    /// `@digest /path`, the digest in 64 hexadecimal digits.
    private mutating func note(_ bytes: UnsafeBufferPointer<UInt8>) {
        var digest: [UInt8] = []
        for index in stride(from: 1, to: min(65, bytes.count - 1), by: 2) {
            guard let high = Self.hexadecimal(bytes[index]), let low = Self.hexadecimal(bytes[index + 1]) else { break }
            digest.append(high << 4 | low)
        }
        guard digest.count == 32, bytes.count > 66, bytes[65] == UInt8(ascii: " "), bytes[66] == UInt8(ascii: "/")
        else { return fail("cannot read a digest") }
        guard contents.count < Self.contentLimit else { return }
        contents[BytePath(bytes: Array(UnsafeBufferPointer(rebasing: bytes[66...])))] = digest
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The two records of a path, if there are two, follow each other.
    private mutating func merge(_ record: DriftRecord) {
        // Swapped, not copied: a million records go through here.
        var earlier: DriftRecord? = record
        swap(&earlier, &previous)
        guard let earlier else { return }
        guard earlier.side != record.side, earlier.path.bytes == record.path.bytes else { return single(earlier) }
        previous = nil
        if earlier.side == .blank {
            compare(blank: earlier, live: record)
        } else {
            compare(blank: record, live: earlier)
        }
    }

    private mutating func single(_ record: DriftRecord) {
        let change = record.change(record.side == .live ? .added : .removed)
        keep { (changes) throws(SpillError) in try changes.add(change, inode: record.inode) }
    }

    private mutating func compare(blank: DriftRecord, live: DriftRecord) {
        if blank.differsVisibly(from: live) {
            keep { (changes) throws(SpillError) in try changes.add(live.change(.modified)) }
        } else if blank.changed != live.changed {
            // Only a time differs, until the host has looked closer.
            keep { (changes) throws(SpillError) in try changes.addDoubtful(live.change(.modified)) }
        }
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
    func change(_ change: PathChange.Kind, from old: BytePath? = nil) -> PathChange {
        PathChange(
            path: path, change: change, kind: kind, size: size, mode: mode, uid: uid, gid: gid,
            modified: modified?.date, linkTarget: linkTarget, renamedFrom: old,
            changed: side == .live ? changed?.date : nil)
    }
}
