/// Sorts records by their keys, more of them than there is memory for.
///
/// Records gather in memory; what is over the limit is sorted and put aside as a run, and the runs
/// are merged while they are read. Records of one key stay in the order in which they came.
struct RecordSorter: Sendable {
    /// Bytes before each record: the lengths of its key and of its value.
    static let headerLength = 8

    private let policy: SpillPolicy
    private var records: [UInt8] = []
    private var starts: [Int] = []
    private var runs: [RecordRuns.Run] = []
    private var spill: (any Spill)?
    private var written = 0

    init(_ policy: SpillPolicy) { self.policy = policy }

    /// Whether nothing was added.
    var isEmpty: Bool { starts.isEmpty && runs.isEmpty }

    /// Adds a record; `value` appends the bytes of its value.
    mutating func add(
        _ key: [UInt8], _ value: (inout [UInt8]) -> Void
    ) throws(SpillError) {
        let start = records.count
        if start >= policy.limit {
            try putAside()
            return try add(key, value)
        }
        starts.append(start)
        records.append(contentsOf: repeatElement(0, count: Self.headerLength))
        records.append(contentsOf: key)
        let valueStart = records.count
        value(&records)
        let valueLength = records.count - valueStart
        records.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt32(key.count), toByteOffset: start, as: UInt32.self)
            bytes.storeBytes(of: UInt32(valueLength), toByteOffset: start + 4, as: UInt32.self)
        }
    }

    /// The sorted records; the sorter is empty afterwards.
    mutating func finish() -> RecordRuns {
        sort()
        let sorted = RecordRuns(records: records, starts: starts, runs: runs)
        // One by one: Swift 6.3.1 with -O releases too much when `self` is replaced in a `defer`.
        records = []
        starts = []
        runs = []
        spill = nil
        written = 0
        return sorted
    }

    private mutating func putAside() throws(SpillError) {
        sort()
        let spill = if let spill { spill } else { try policy.make() }
        self.spill = spill
        let begin = written
        var block: [UInt8] = []
        block.reserveCapacity(RecordRuns.blockLength * 2)
        for start in starts {
            let length = records.withUnsafeBytes { RecordRuns.length(of: $0, at: start) }
            block.append(contentsOf: records[start..<(start + length)])
            if block.count >= RecordRuns.blockLength { try flush(&block, to: spill) }
        }
        try flush(&block, to: spill)
        runs.append(RecordRuns.Run(spill: spill, begin: begin, end: written))
        records.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
    }

    private mutating func flush(
        _ block: inout [UInt8], to spill: any Spill
    ) throws(SpillError) {
        try spill.write(block, at: written)
        written += block.count
        block.removeAll(keepingCapacity: true)
    }

    private mutating func sort() {
        records.withUnsafeBytes { bytes in
            func precedes(_ left: Int, _ right: Int) -> Bool {
                let order = RecordRuns.compare(
                    RecordRuns.key(of: bytes, at: left), RecordRuns.key(of: bytes, at: right))
                return order == 0 ? left < right : order < 0
            }
            let isSorted = zip(starts, starts.dropFirst()).allSatisfy { precedes($0, $1) }
            if !isSorted { starts.sort(by: precedes) }
        }
    }
}
