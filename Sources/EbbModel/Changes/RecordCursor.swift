/// Steps through sorted runs as through one list.
struct RecordCursor: Sendable {
    /// A reader that has a record, which comes after the current one.
    private struct Waiting {
        let key: [UInt8]
        /// Its place among the readers; of equal keys the earliest comes first.
        let place: Int

        func precedes(_ other: Waiting) -> Bool {
            let order = key.withUnsafeBytes { mine in other.key.withUnsafeBytes { RecordRuns.compare(mine, $0) } }
            return order == 0 ? place < other.place : order < 0
        }
    }

    /// The readers that are not the current one; in its place stands an empty one.
    private var readers: [RunReader]
    /// The reader that has the next record.
    private var current = RunReader([], [])
    /// Its place among the readers; -1 before the first step and after the last record.
    private var place = -1
    /// The others that have one; the next of them stands last.
    private var waiting: [Waiting] = []
    private var isStarted = false

    init(_ readers: [RunReader]) { self.readers = readers }

    /// Goes to the next record; `false` after the last one.
    mutating func step() throws(SpillError) -> Bool {
        if !isStarted {
            isStarted = true
            for index in readers.indices {
                try readers[index].step()
                wait(index)
            }
            next()
        } else if place >= 0 {
            try current.step()
            // Listings come nearly sorted, so mostly the same run goes on.
            if !staysFirst {
                swap(&current, &readers[place])
                wait(place)
                next()
            }
        }
        return place >= 0
    }

    /// Calls `body` with the key and the value of the current record.
    func withRecord<Result>(_ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Result)
        -> Result
    { current.withRecord(body) }

    /// Whether the current reader still has the smallest key, the earliest of equal ones.
    private var staysFirst: Bool {
        guard current.hasRecord else { return false }
        guard let next = waiting.last else { return true }
        let order = current.withRecord { key, _ in next.key.withUnsafeBytes { RecordRuns.compare(key, $0) } }
        return order == 0 ? place < next.place : order < 0
    }

    /// Puts a reader among those that wait, if it has a record.
    private mutating func wait(_ index: Int) {
        guard readers[index].hasRecord else { return }
        let new = Waiting(key: readers[index].withRecord { key, _ in Array(key) }, place: index)
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            if new.precedes(waiting[middle]) { low = middle + 1 } else { high = middle }
        }
        waiting.insert(new, at: low)
    }

    /// Makes the first of those that wait the current one.
    private mutating func next() {
        place = waiting.popLast()?.place ?? -1
        if place >= 0 { swap(&current, &readers[place]) }
    }
}

/// Reads one run, block by block, or what is in memory.
struct RunReader: Sendable {
    private var bytes: [UInt8]
    /// Where records start, for those in memory; a run in a spill has them one after the other.
    private let starts: [Int]?
    private let run: RecordRuns.Run?
    private var index = -1
    /// Where the next block is read from.
    private var offset: Int
    /// Where the key of the current record starts in `bytes`, where its value does, and where that ends.
    private var key = 0
    private var value = 0
    private var end = 0
    private(set) var hasRecord = false

    init(_ records: [UInt8], _ starts: [Int]) {
        bytes = records
        self.starts = starts
        run = nil
        offset = 0
    }

    init(_ run: RecordRuns.Run) {
        bytes = []
        starts = nil
        self.run = run
        offset = run.begin
    }

    /// Goes to the next record.
    mutating func step() throws(SpillError) {
        if let starts {
            index += 1
            hasRecord = index < starts.count
            if hasRecord { read(at: starts[index]) }
            return
        }
        var start = end
        if bytes.count - start < RecordSorter.headerLength { start = try fill(from: start, RecordSorter.headerLength) }
        hasRecord = bytes.count - start >= RecordSorter.headerLength
        guard hasRecord else {
            end = start
            return
        }
        read(at: start)
        guard end > bytes.count else { return }
        let length = end - start
        start = try fill(from: start, length)
        if bytes.count - start < length { throw SpillError("temporary data came back cut off") }
        read(at: start)
    }

    /// Reads the lengths of the record that starts there.
    private mutating func read(at start: Int) {
        let (key, value) = bytes.withUnsafeBytes {
            (
                $0.loadUnaligned(fromByteOffset: start, as: UInt32.self),
                $0.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self)
            )
        }
        self.key = start + RecordSorter.headerLength
        self.value = self.key + Int(key)
        end = self.value + Int(value)
    }

    /// Calls `body` with the key and the value of the current record.
    func withRecord<Result>(_ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Result)
        -> Result
    {
        bytes.withUnsafeBytes {
            body(UnsafeRawBufferPointer(rebasing: $0[key..<value]), UnsafeRawBufferPointer(rebasing: $0[value..<end]))
        }
    }

    /// Sees to it that `wanted` bytes stand behind a place, as far as the run has them.
    ///
    /// - Returns: Where that place is now.
    private mutating func fill(from start: Int, _ wanted: Int) throws(SpillError) -> Int {
        guard let run, bytes.count - start < wanted, offset < run.end else { return start }
        let rest = bytes.count - start
        let count = min(run.end - offset, max(RecordRuns.blockLength, wanted - rest))
        let block = try run.spill.read(count, at: offset)
        bytes = rest == 0 ? block : Array(bytes[start...]) + block
        offset += count
        return 0
    }
}
