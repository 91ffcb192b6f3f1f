/// Bytes in the order in which they came: in memory while they are few, else in a spill.
package struct SpillBuffer: Sendable {
    private let policy: SpillPolicy
    private let room: Int
    private var tail: [UInt8] = []
    private var spill: (any Spill)?
    private var written = 0
    /// How many bytes came, those that were not kept among them.
    package private(set) var total = 0

    private static let blockLength = 256 << 10

    /// A buffer that keeps the first `room` bytes.
    package init(_ policy: SpillPolicy = .never, room: Int = .max) { (self.policy, self.room) = (policy, room) }

    /// The bytes themselves.
    package init(_ bytes: [UInt8], room: Int = .max) {
        self.init(.never, room: room)
        tail = bytes.count > room ? Array(bytes.prefix(room)) : bytes
        total = bytes.count
    }

    /// How many bytes are kept.
    package var count: Int { written + tail.count }

    /// Adds bytes at the end.
    package mutating func append(_ bytes: ArraySlice<UInt8>) throws(SpillError) {
        total += bytes.count
        tail += bytes.prefix(max(0, room - count))
        guard tail.count > (spill == nil ? policy.limit : Self.blockLength) else { return }
        let spill = if let spill { spill } else { try policy.make() }
        self.spill = spill
        try spill.write(tail, at: written)
        written += tail.count
        tail.removeAll(keepingCapacity: true)
    }

    /// Calls `body` with the kept bytes, block by block.
    package func forEachBlock(_ body: ([UInt8]) throws -> Void) throws {
        var offset = 0
        while offset < written, let spill {
            let block = try spill.read(min(Self.blockLength, written - offset), at: offset)
            try body(block)
            offset += block.count
        }
        if !tail.isEmpty { try body(tail) }
    }
}
