/// Sorts records by their keys, more of them than there is memory for.
///
/// Records gather in memory; what is over the limit is sorted and spilled as a run, and the runs
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
    mutating func add(_ key: [UInt8], _ value: (inout [UInt8]) -> Void) throws(SpillError) {
        let start = records.count
        if start >= policy.limit {
            try putAside()
            return try add(key, value)
        }
        starts.append(start)
        // The length of the value follows.
        withUnsafeBytes(of: UInt64(key.count).littleEndian) { records.append(contentsOf: $0) }
        records.append(contentsOf: key)
        let valueStart = records.count
        value(&records)
        let valueLength = records.count - valueStart
        records.withUnsafeMutableBytes { bytes in
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
        let wasSorted = sort()
        let spill = if let spill { spill } else { try policy.make() }
        self.spill = spill
        let begin = written
        if wasSorted {
            try spill.write(records, at: written)
            written += records.count
        } else {
            try write(to: spill)
        }
        runs.append(RecordRuns.Run(spill: spill, begin: begin, end: written))
        records.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
    }

    /// Writes the records in their order, block by block.
    private mutating func write(to spill: any Spill) throws(SpillError) {
        var block: [UInt8] = []
        block.reserveCapacity(RecordRuns.blockLength * 2)
        for (index, start) in starts.enumerated() {
            let length = records.withUnsafeBytes { RecordRuns.length(of: $0, at: start) }
            records.withUnsafeBytes {
                block.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[start..<(start + length)]))
            }
            guard block.count >= RecordRuns.blockLength || index == starts.count - 1 else { continue }
            try spill.write(block, at: written)
            written += block.count
            block.removeAll(keepingCapacity: true)
        }
    }

    /// Sorts what is in memory; `true` where it was in order already.
    @discardableResult private mutating func sort() -> Bool {
        records.withUnsafeBytes { bytes in
            func precedes(_ left: Int, _ right: Int) -> Bool {
                let order = RecordRuns.compare(
                    RecordRuns.key(of: bytes, at: left), RecordRuns.key(of: bytes, at: right))
                return order == 0 ? left < right : order < 0
            }
            var isSorted = true
            for index in starts.indices.dropFirst() where !precedes(starts[index - 1], starts[index]) {
                isSorted = false
                break
            }
            if !isSorted { starts.sort(by: precedes) }
            return isSorted
        }
    }
}
