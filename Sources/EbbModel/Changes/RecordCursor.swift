/// Steps through sorted runs as through one list.
struct RecordCursor: Sendable {
    private var readers: [RunReader]
    /// The reader that has the next record; -1 before the first step.
    private var current = -1
    private var isStarted = false

    init(_ readers: [RunReader]) { self.readers = readers }

    /// Calls `body` with the key and the value of the next record; `nil` after the last one.
    mutating func next<Result>(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Result
    ) throws(SpillError) -> Result? {
        if !isStarted {
            isStarted = true
            for index in readers.indices { try readers[index].step() }
        } else if current >= 0 {
            try readers[current].step()
        }
        choose()
        guard current >= 0 else { return nil }
        return readers[current].withRecord(body)
    }

    /// Finds the reader with the smallest key; the earliest of equal ones.
    private mutating func choose() {
        if readers.count == 1 {
            current = readers[0].hasRecord ? 0 : -1
            return
        }
        var best = -1
        for index in readers.indices where readers[index].hasRecord {
            if best < 0 || readers[index].precedes(readers[best]) { best = index }
        }
        current = best
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

    /// Whether this current record comes before that of another reader.
    func precedes(_ other: RunReader) -> Bool {
        bytes.withUnsafeBytes { mine in
            other.bytes.withUnsafeBytes { theirs in
                RecordRuns.compare(
                    RecordRuns.key(of: mine, at: start),
                    RecordRuns.key(of: theirs, at: other.start)) < 0
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
