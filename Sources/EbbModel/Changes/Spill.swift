/// Where bytes wait that are too many to be held in memory.
package protocol Spill: Sendable {
    /// Puts bytes at a place; what lies between two places is never read.
    func write(_ bytes: [UInt8], at offset: Int) throws(SpillError)

    /// Reads exactly `count` bytes from a place that was written before.
    func read(_ count: Int, at offset: Int) throws(SpillError) -> [UInt8]
}

/// Why bytes could not be written to a spill or read back.
package struct SpillError: Error, Sendable, Hashable {
    /// One sentence for a person.
    package let message: String

    package init(_ message: String) { self.message = message }
}

/// How much is held in memory before the rest goes to a spill, and where that comes from.
package struct SpillPolicy: Sendable {
    /// Bytes of records in memory at most.
    package let limit: Int
    /// Makes a new, empty spill.
    package let make: @Sendable () throws(SpillError) -> any Spill

    package init(limit: Int, make: @escaping @Sendable () throws(SpillError) -> any Spill) {
        (self.limit, self.make) = (limit, make)
    }

    /// Everything stays in memory.
    package static let never = SpillPolicy(limit: .max) { () throws(SpillError) in throw SpillError("there is no spill")
    }
}
