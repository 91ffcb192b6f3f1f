import Crypto
import EbbModel
import FoundationEssentials

/// One digest for a whole sorted list of entries: equal digests mean nothing new to store.
///
/// It is fed entry by entry, so that memory stays constant.
struct EntriesDigest {
    private var hash = SHA256()
    private var buffer: [UInt8] = []

    init() { buffer.reserveCapacity(1 << 16) }

    mutating func add(_ entry: DriftEntry) {
        let change = entry.change
        add(change.path.bytes)
        add(change.change.rawValue)
        add(change.kind.rawValue)
        add(entry.verdict.rawValue)
        add(entry.stateClass.rawValue)
        add(change.size)
        add(change.mode.map(Int64.init))
        add(change.uid.map(Int64.init))
        add(change.gid.map(Int64.init))
        add(change.modified?.microseconds)
        add(change.linkTarget?.bytes)
        add(change.renamedFrom?.bytes)
        add(entry.reason)
        add(entry.suggestion)
        if buffer.count > 1 << 15 { flush() }
    }

    mutating func finish() -> [UInt8] {
        flush()
        return Array(hash.finalize())
    }

    private mutating func add(_ text: String?) {
        guard var text else { return add(Int64?.none) }
        text.withUTF8 { bytes in
            add(Int64(bytes.count))
            buffer.append(contentsOf: bytes)
        }
    }

    private mutating func add(_ bytes: [UInt8]?) {
        guard let bytes else { return add(Int64?.none) }
        add(Int64(bytes.count))
        buffer.append(contentsOf: bytes)
    }

    private mutating func add(_ number: Int64?) {
        withUnsafeTemporaryAllocation(byteCount: 9, alignment: 1) { bytes in
            bytes[0] = number == nil ? 0 : 1
            bytes.storeBytes(of: (number ?? 0).littleEndian, toByteOffset: 1, as: Int64.self)
            buffer.append(contentsOf: UnsafeRawBufferPointer(bytes))
        }
    }

    private mutating func flush() {
        buffer.withUnsafeBytes { hash.update(bufferPointer: $0) }
        buffer.removeAll(keepingCapacity: true)
    }
}
