/// Sorted records, can be read any number of times.
///
/// What is left in memory is one more run, the last.
struct RecordRuns: Sendable {
    /// A sorted stretch of a spill.
    struct Run: Sendable {
        let spill: any Spill
        let begin: Int
        let end: Int
    }

    /// How many bytes are read from a spill at once.
    static let blockLength = 64 << 10

    let records: [UInt8]
    let starts: [Int]
    let runs: [Run]

    /// Calls `body` with every record, run after run: faster than in order.
    func forEach(_ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(SpillError) -> Void)
        throws(SpillError)
    {
        for reader in runs.map({ RunReader($0) }) + [RunReader(records, starts)] {
            var reader = reader
            try reader.step()
            while reader.hasRecord {
                let found = reader.withRecord { key, value -> Swift.Result<Void, SpillError> in
                    do throws(SpillError) { return .success(try body(key, value)) } catch { return .failure(error) }
                }
                try found.get()
                try reader.step()
            }
        }
    }

    /// Reads all of several sorted lists as one; of one key, those of the first list come first.
    static func merged(_ lists: [RecordRuns]) -> RecordCursor {
        RecordCursor(
            lists.flatMap { list in
                list.runs.map { RunReader($0) } + (list.starts.isEmpty ? [] : [RunReader(list.records, list.starts)])
            })
    }

    static func length(of bytes: UnsafeRawBufferPointer, at start: Int) -> Int {
        let key = bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)
        let value = bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self)
        return RecordSorter.headerLength + Int(key) + Int(value)
    }

    static func key(of bytes: UnsafeRawBufferPointer, at start: Int) -> UnsafeRawBufferPointer {
        let length = Int(bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
        let begin = start + RecordSorter.headerLength
        return UnsafeRawBufferPointer(rebasing: bytes[begin..<(begin + length)])
    }

    /// Negative, zero or positive, as the left one comes before, with or after the right one.
    static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let limit = min(left.count, right.count)
        var index = 0
        while index + 8 <= limit {
            let mine = left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let theirs = right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if mine != theirs { return mine.bigEndian < theirs.bigEndian ? -1 : 1 }
            index += 8
        }
        while index < limit {
            if left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
            index += 1
        }
        return left.count - right.count
    }
}
