import FoundationEssentials

/// What a listing says of one path; several events of a path make up its change, or none.
enum ChangeEvent {
    /// The path differs; `inode` is given where another path may be the same entry.
    case change(PathChange, inode: UInt64?)
    /// The path differs in nothing but a time, unless somebody looks closer.
    case doubt(PathChange)
    /// Somebody looked closer: it is the same.
    case same
    /// The entry that is gone from here is at another path now.
    case movedAway
    /// The entry that is new here was at another path.
    case movedHere(from: BytePath)

    private enum Tag: UInt8 { case change, doubt, same, movedAway, movedHere }

    /// The inode of a change, without reading the rest.
    static func inode(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard bytes.count > 10, bytes[0] == Tag.change.rawValue, bytes[1] == 1 else { return nil }
        return bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self)
    }

    /// Appends the event in the form that `init(path:_:)` reads.
    func write(to bytes: inout [UInt8]) {
        switch self {
        case .change(let change, let inode):
            bytes.append(Tag.change.rawValue)
            bytes.append(inode == nil ? 0 : 1)
            Self.append(inode ?? 0, &bytes)
            Self.append(change, &bytes)
        case .doubt(let change):
            bytes.append(Tag.doubt.rawValue)
            Self.append(change, &bytes)
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
            guard let change = Self.change(path, bytes, at: 10) else { return nil }
            self = .change(change, inode: Self.inode(bytes))
        case .doubt:
            guard let change = Self.change(path, bytes, at: 1) else { return nil }
            self = .doubt(change)
        case .same: self = .same
        case .movedAway: self = .movedAway
        case .movedHere: self = .movedHere(from: BytePath(bytes: Array(bytes.dropFirst())))
        }
    }

    // MARK: - Changes

    private static let kinds: [FileKind] = [
        .file, .directory, .symlink, .fifo, .socket, .block, .character,
    ]
    private static let words: [PathChange.Kind] = [.added, .modified, .removed, .renamed]

    private static func append<Number: FixedWidthInteger>(_ number: Number, _ bytes: inout [UInt8])
    {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    private static func append(_ change: PathChange, _ bytes: inout [UInt8]) {
        bytes.append(UInt8(words.firstIndex(of: change.change) ?? 0))
        bytes.append(UInt8(kinds.firstIndex(of: change.kind) ?? 0))
        var present: UInt8 = 0
        if change.size != nil { present |= 1 }
        if change.mode != nil { present |= 2 }
        if change.uid != nil { present |= 4 }
        if change.gid != nil { present |= 8 }
        if change.modified != nil { present |= 16 }
        if change.changed != nil { present |= 32 }
        if change.linkTarget != nil { present |= 64 }
        if change.renamedFrom != nil { present |= 128 }
        bytes.append(present)
        if let size = change.size { append(size, &bytes) }
        if let mode = change.mode { append(mode, &bytes) }
        if let uid = change.uid { append(uid, &bytes) }
        if let gid = change.gid { append(gid, &bytes) }
        if let time = change.modified {
            append(time.timeIntervalSinceReferenceDate.bitPattern, &bytes)
        }
        if let time = change.changed {
            append(time.timeIntervalSinceReferenceDate.bitPattern, &bytes)
        }
        for path in [change.linkTarget, change.renamedFrom] {
            guard let path else { continue }
            append(UInt32(path.bytes.count), &bytes)
            bytes.append(contentsOf: path.bytes)
        }
    }

    private static func change(
        _ path: BytePath, _ bytes: UnsafeRawBufferPointer, at start: Int
    ) -> PathChange? {
        var rest = Reader(bytes: bytes, position: start)
        guard let word = rest.number(UInt8.self), let kind = rest.number(UInt8.self),
            let present = rest.number(UInt8.self), word < words.count, kind < kinds.count
        else { return nil }
        let size = present & 1 == 0 ? nil : rest.number(Int64.self)
        let mode = present & 2 == 0 ? nil : rest.number(UInt16.self)
        let uid = present & 4 == 0 ? nil : rest.number(UInt32.self)
        let gid = present & 8 == 0 ? nil : rest.number(UInt32.self)
        let modified = present & 16 == 0 ? nil : rest.number(UInt64.self)
        let changed = present & 32 == 0 ? nil : rest.number(UInt64.self)
        let target = present & 64 == 0 ? nil : rest.path()
        let old = present & 128 == 0 ? nil : rest.path()
        guard rest.position == bytes.count else { return nil }
        return PathChange(
            path: path, change: words[Int(word)], kind: kinds[Int(kind)],
            size: size, mode: mode, uid: uid, gid: gid, modified: modified.map(date),
            linkTarget: target, renamedFrom: old, changed: changed.map(date))
    }

    private static func date(_ bits: UInt64) -> Date {
        Date(timeIntervalSinceReferenceDate: Double(bitPattern: bits))
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var position: Int

        mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
            let size = MemoryLayout<Number>.size
            guard position + size <= bytes.count else { return nil }
            defer { position += size }
            return bytes.loadUnaligned(fromByteOffset: position, as: type)
        }

        mutating func path() -> BytePath? {
            guard let count = number(UInt32.self), position + Int(count) <= bytes.count else {
                return nil
            }
            defer { position += Int(count) }
            return BytePath(bytes: Array(bytes[position..<(position + Int(count))]))
        }
    }
}
