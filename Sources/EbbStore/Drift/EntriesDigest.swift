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
        for column in DriftColumn.allCases { add(column.value(of: entry)) }
        if buffer.count > 1 << 15 { flush() }
    }

    mutating func finish() -> [UInt8] {
        flush()
        return Array(hash.finalize())
    }

    private mutating func add(_ value: DriftValue) {
        switch value {
        case .null: add(nil)
        case .number(let number): add(number)
        case .bytes(let bytes):
            add(Int64(bytes.count))
            buffer.append(contentsOf: bytes)
        case .text(var text):
            text.withUTF8 { bytes in
                add(Int64(bytes.count))
                buffer.append(contentsOf: bytes)
            }
        }
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
