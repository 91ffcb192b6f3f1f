import EbbModel
import Synchronization

/// A spill for tests, so that little is enough to put something aside.
final class MemorySpill: Spill {
    private let bytes = Mutex<[UInt8]>([])

    static func policy(limit: Int) -> SpillPolicy {
        SpillPolicy(limit: limit) { () throws(SpillError) in MemorySpill() }
    }

    func write(_ new: [UInt8], at offset: Int) throws(SpillError) {
        bytes.withLock { bytes in
            if bytes.count < offset + new.count { bytes += repeatElement(0, count: offset + new.count - bytes.count) }
            bytes.replaceSubrange(offset..<(offset + new.count), with: new)
        }
    }

    func read(_ count: Int, at offset: Int) throws(SpillError) -> [UInt8] {
        bytes.withLock { Array($0[offset..<(offset + count)]) }
    }
}
