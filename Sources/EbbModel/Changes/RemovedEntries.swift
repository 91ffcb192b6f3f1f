/// Removed entries by their inode numbers: what is needed to find where they are now.
struct RemovedEntries {
    private struct Entry {
        let half: ChangeEvent.Half
        let path: Range<Int>
    }

    /// How much memory an entry takes beside its path, about.
    static let weight = 100

    private var numbers: [UInt64: Int] = [:]
    private var entries: [Entry] = []
    private var paths: [UInt8] = []

    var isEmpty: Bool { numbers.isEmpty }

    /// Adds an entry; of one inode number the last one counts.
    mutating func add(_ half: ChangeEvent.Half, path: UnsafeRawBufferPointer) {
        numbers[half.inode] = entries.count
        entries.append(Entry(half: half, path: paths.count..<(paths.count + path.count)))
        paths.append(contentsOf: path)
    }

    /// The path that an added entry had before, which nobody else can have had then.
    mutating func takePath(_ added: ChangeEvent.Half, needsEqualTimes: Bool) -> BytePath? {
        guard let index = numbers.index(forKey: added.inode) else { return nil }
        let entry = entries[numbers[index].value]
        guard entry.half.kind == added.kind,
            !needsEqualTimes || added.kind != .file || entry.half.modified == added.modified
        else { return nil }
        numbers.remove(at: index)
        return BytePath(bytes: Array(paths[entry.path]))
    }
}
