/// Steps through sorted runs as through one list.
struct RecordCursor: Sendable {
    private var readers: [RunReader]
    /// The reader that has the next record; -1 before the first step and after the last record.
    private var current = -1
    /// The reader that comes after it; -1 when no other has a record.
    private var following = -1
    private var isStarted = false

    init(_ readers: [RunReader]) { self.readers = readers }

    /// Goes to the next record; `false` after the last one.
    mutating func step() throws(SpillError) -> Bool {
        if !isStarted {
            isStarted = true
            for index in readers.indices { try readers[index].step() }
            choose()
        } else if current >= 0 {
            try readers[current].step()
            // Listings come nearly sorted, so mostly the same run goes on.
            if !staysFirst { choose() }
        }
        return current >= 0
    }

    /// Calls `body` with the key and the value of the current record.
    func withRecord<Result>(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        readers[current].withRecord(body)
    }

    /// Whether the current reader still has the smallest key, the earliest of equal ones.
    private var staysFirst: Bool {
        guard readers[current].hasRecord else { return false }
        guard following >= 0 else { return true }
        let order = readers[current].order(readers[following])
        return order == 0 ? current < following : order < 0
    }

    /// Finds the reader with the smallest key and the one after it; the earliest of equal ones.
    private mutating func choose() {
        current = -1
        following = -1
        for index in readers.indices where readers[index].hasRecord {
            if current < 0 || readers[index].order(readers[current]) < 0 {
                following = current
                current = index
            } else if following < 0 || readers[index].order(readers[following]) < 0 {
                following = index
            }
        }
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
    /// Where the current record starts in `bytes`, and how long it is.
    private var start = 0
    private var length = 0
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
            if hasRecord { start = starts[index] }
            return
        }
        start += length
        try fill(RecordSorter.headerLength)
        hasRecord = bytes.count - start >= RecordSorter.headerLength
        guard hasRecord else { return }
        let start = start
        let length = bytes.withUnsafeBytes { RecordRuns.length(of: $0, at: start) }
        self.length = length
        try fill(length)
        if bytes.count - self.start < length {
            throw SpillError("what was put aside came back cut off")
        }
    }

    /// Calls `body` with the key and the value of the current record.
    func withRecord<Result>(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        bytes.withUnsafeBytes {
            body(RecordRuns.key(of: $0, at: start), RecordRuns.value(of: $0, at: start))
        }
    }

    /// Negative, zero or positive, as this current record comes before, with or after another's.
    func order(_ other: RunReader) -> Int {
        bytes.withUnsafeBytes { mine in
            other.bytes.withUnsafeBytes { theirs in
                RecordRuns.compare(
                    RecordRuns.key(of: mine, at: start),
                    RecordRuns.key(of: theirs, at: other.start))
            }
        }
    }

    /// Sees to it that `wanted` bytes stand at `start`, as far as the run has them.
    private mutating func fill(_ wanted: Int) throws(SpillError) {
        guard let run, bytes.count - start < wanted, offset < run.end else { return }
        let rest = bytes.count - start
        let count = min(run.end - offset, max(RecordRuns.blockLength, wanted - rest))
        let block = try run.spill.read(count, at: offset)
        bytes = rest == 0 ? block : Array(bytes[start...]) + block
        start = 0
        offset += count
    }
}
