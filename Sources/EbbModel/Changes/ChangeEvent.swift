import FoundationEssentials

/// What a listing says of one path; several events of a path make up its change, or none.
enum ChangeEvent {
    /// The path differs; `inode` is given where another path may be the same entry.
    case change(PathChange, inode: UInt64?)
    /// The path differs in nothing but a time; a closer comparison decides.
    case doubt(PathChange)
    /// A closer comparison showed that it is the same.
    case same
    /// The entry that is gone from here is at another path now.
    case movedAway
    /// The entry that is new here was at another path.
    case movedHere(from: BytePath)

    private enum Tag: UInt8 { case change, doubt, same, movedAway, movedHere }

    /// One side of what may be a rename.
    struct Half {
        let inode: UInt64
        let kind: FileKind
        /// The bits of the time of the last content change.
        let modified: UInt64?
    }

    /// What an event says of a rename, where it is a change of that sort; the rest is not read.
    static func half(_ bytes: UnsafeRawBufferPointer, of change: PathChange.Kind) -> Half? {
        guard bytes.count >= Place.end, bytes[0] == Tag.change.rawValue, bytes[1] == 1,
            bytes[Place.change] == number(change, in: words), Int(bytes[Place.kind]) < kinds.count
        else { return nil }
        return Half(
            inode: number(bytes, Place.inode), kind: kinds[Int(bytes[Place.kind])],
            modified: bytes[Place.present] & 16 == 0 ? nil : number(bytes, Place.modified))
    }

    /// Appends the event in the form that `init(path:_:)` reads.
    func write(to bytes: inout [UInt8]) {
        switch self {
        case .change(let change, let inode): Self.append(.change, change, inode, &bytes)
        case .doubt(let change): Self.append(.doubt, change, nil, &bytes)
        case .same: bytes.append(Tag.same.rawValue)
        case .movedAway: bytes.append(Tag.movedAway.rawValue)
        case .movedHere(let old):
            bytes.append(Tag.movedHere.rawValue)
            bytes.append(contentsOf: old.bytes)
        }
    }

    /// Reads an event; `nil` when the bytes are none.
    init?(path: BytePath, _ bytes: UnsafeRawBufferPointer) {
        guard let tag = bytes.first.flatMap({ Tag(rawValue: $0) }) else { return nil }
        switch tag {
        case .change:
            guard let change = Self.change(path, bytes) else { return nil }
            self = .change(change, inode: bytes[1] == 0 ? nil : Self.number(bytes, Place.inode))
        case .doubt:
            guard let change = Self.change(path, bytes) else { return nil }
            self = .doubt(change)
        case .same: self = .same
        case .movedAway: self = .movedAway
        case .movedHere: self = .movedHere(from: BytePath(bytes: Array(bytes.dropFirst())))
        }
    }

    // MARK: - Changes

    /// Where the parts of a change stand, which are the same for all: then come the paths it names.
    private enum Place {
        static let inode = 2
        static let change = 10
        static let kind = 11
        /// One bit for each part that may be missing.
        static let present = 12
        static let mode = 13
        static let uid = 15
        static let gid = 19
        static let size = 23
        static let modified = 31
        static let changed = 39
        static let end = 47
    }

    private static let kinds = FileKind.allCases
    private static let words = PathChange.Kind.allCases

    /// The place in `words` or `kinds`.
    private static func number<Word: Equatable>(_ word: Word, in words: [Word]) -> UInt8 {
        UInt8(words.firstIndex(of: word) ?? 0)
    }

    private static func append(_ tag: Tag, _ change: PathChange, _ inode: UInt64?, _ bytes: inout [UInt8]) {
        var present: UInt8 = 0
        if change.size != nil { present |= 1 }
        if change.mode != nil { present |= 2 }
        if change.uid != nil { present |= 4 }
        if change.gid != nil { present |= 8 }
        if change.modified != nil { present |= 16 }
        if change.changed != nil { present |= 32 }
        if change.linkTarget != nil { present |= 64 }
        if change.renamedFrom != nil { present |= 128 }
        withUnsafeTemporaryAllocation(byteCount: Place.end, alignment: 8) { parts in
            parts[0] = tag.rawValue
            parts[1] = inode == nil ? 0 : 1
            parts.storeBytes(of: inode ?? 0, toByteOffset: Place.inode, as: UInt64.self)
            parts[Place.change] = number(change.change, in: words)
            parts[Place.kind] = number(change.kind, in: kinds)
            parts[Place.present] = present
            parts.storeBytes(of: change.mode ?? 0, toByteOffset: Place.mode, as: UInt16.self)
            parts.storeBytes(of: change.uid ?? 0, toByteOffset: Place.uid, as: UInt32.self)
            parts.storeBytes(of: change.gid ?? 0, toByteOffset: Place.gid, as: UInt32.self)
            parts.storeBytes(of: change.size ?? 0, toByteOffset: Place.size, as: Int64.self)
            parts.storeBytes(of: bits(change.modified), toByteOffset: Place.modified, as: UInt64.self)
            parts.storeBytes(of: bits(change.changed), toByteOffset: Place.changed, as: UInt64.self)
            bytes.append(contentsOf: UnsafeRawBufferPointer(parts))
        }
        if present & 192 == 0 { return }
        for path in [change.linkTarget, change.renamedFrom] {
            guard let path else { continue }
            withUnsafeBytes(of: UInt32(path.bytes.count)) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: path.bytes)
        }
    }

    private static func change(_ path: BytePath, _ bytes: UnsafeRawBufferPointer) -> PathChange? {
        guard bytes.count >= Place.end else { return nil }
        let word = Int(bytes[Place.change])
        let kind = Int(bytes[Place.kind])
        let present = bytes[Place.present]
        guard word < words.count, kind < kinds.count else { return nil }
        var end = Place.end
        let target = present & 64 == 0 ? nil : Self.path(bytes, &end)
        let old = present & 128 == 0 ? nil : Self.path(bytes, &end)
        guard end == bytes.count else { return nil }
        return PathChange(
            path: path, change: words[word], kind: kinds[kind],
            size: present & 1 == 0 ? nil : number(bytes, Place.size),
            mode: present & 2 == 0 ? nil : number(bytes, Place.mode),
            uid: present & 4 == 0 ? nil : number(bytes, Place.uid),
            gid: present & 8 == 0 ? nil : number(bytes, Place.gid),
            modified: present & 16 == 0 ? nil : date(number(bytes, Place.modified)), linkTarget: target,
            renamedFrom: old, changed: present & 32 == 0 ? nil : date(number(bytes, Place.changed)))
    }

    private static func number<Number: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Number {
        bytes.loadUnaligned(fromByteOffset: place, as: Number.self)
    }

    /// Reads a path behind its length; `end` goes to where it ends, or to nowhere if it is cut off.
    private static func path(_ bytes: UnsafeRawBufferPointer, _ end: inout Int) -> BytePath? {
        let start = end + 4
        guard end >= 0, start <= bytes.count else {
            end = -1
            return nil
        }
        let count = Int(number(bytes, end) as UInt32)
        guard count <= bytes.count - start else {
            end = -1
            return nil
        }
        end = start + count
        return BytePath(bytes: Array(bytes[start..<end]))
    }

    private static func bits(_ time: Date?) -> UInt64 { time?.timeIntervalSinceReferenceDate.bitPattern ?? 0 }

    private static func date(_ bits: UInt64) -> Date { Date(timeIntervalSinceReferenceDate: Double(bitPattern: bits)) }
}
