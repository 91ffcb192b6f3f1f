import CZlib
import Crypto
import EbbModel
import FoundationEssentials
import GRDB

/// Bytes stored once under their digest.
enum Content {
    /// More than Ebb ever stores in one piece: a larger size was written by something else.
    private static let largest = 1 << 30

    /// Stores the bytes unless they are there, and gives their digest.
    static func store(_ bytes: [UInt8], in db: Database) throws -> [UInt8] { try store(SpillBuffer(bytes), in: db) }

    /// As above, for bytes that may be too many for memory.
    static func store(_ bytes: SpillBuffer, in db: Database) throws -> [UInt8] {
        var hash = SHA256()
        try bytes.forEachBlock { hash.update(data: $0) }
        let digest = Array(hash.finalize())
        let present = try Bool.fetchOne(
            db, sql: "SELECT bytes IS NOT NULL FROM content WHERE digest = ?", arguments: [Data(digest)])
        if present == true { return digest }
        let (codec, packed) = try Compression.packed(bytes)
        try db.execute(
            sql: """
                INSERT INTO content (digest, size, codec, bytes) VALUES (?, ?, ?, ?)
                ON CONFLICT (digest) DO UPDATE SET codec = excluded.codec, bytes = excluded.bytes
                """, arguments: [Data(digest), bytes.count, codec.rawValue, packed])
        return digest
    }

    /// The bytes under a digest; `nil` when they were pruned.
    static func bytes(_ digest: Data, in db: Database) throws -> [UInt8]? {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT size, codec, bytes FROM content WHERE digest = ?", arguments: [digest])
        else { throw StoreError(.notFound, "no content has that digest") }
        guard let packed: Data = row["bytes"] else { return nil }
        let size: Int = row["size"]
        guard let codec = Compression.Codec(rawValue: row["codec"]), size <= largest,
            let bytes = Compression.unpacked(Array(packed), codec: codec, size: size)
        else { throw StoreError(.corrupt, "stored content cannot be unpacked") }
        return bytes
    }

    /// A value that was stored as JSON; `nil` when it was pruned.
    static func value<Value: Decodable>(_ type: Value.Type, at digest: Data, in db: Database) throws -> Value? {
        try bytes(digest, in: db).map { try StoredJSON.value(type, from: $0) }
    }
}

/// Compression with zlib.
enum Compression {
    /// How stored bytes are written.
    enum Codec: String { case raw, zlib }

    /// The smaller of the bytes themselves and what zlib makes of them, which is all that is in memory.
    static func packed(_ bytes: SpillBuffer) throws -> (codec: Codec, bytes: Data) {
        if bytes.count > 128, let packed = try deflated(bytes), packed.count < bytes.count { return (.zlib, packed) }
        var whole = Data(capacity: bytes.count)
        try bytes.forEachBlock { whole.append(contentsOf: $0) }
        return (.raw, whole)
    }

    private static func deflated(_ bytes: SpillBuffer) throws -> Data? {
        var stream = z_stream()
        guard
            // A large listing is mostly equal next to equal: less effort packs it nearly as well.
            deflateInit_(&stream, bytes.count > 1 << 20 ? 1 : 6, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        var packed = Data()
        var output = [UInt8](repeating: 0, count: 256 << 10)
        func deflate(_ input: [UInt8], _ flush: Int32) {
            var input = input
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                repeat {
                    output.withUnsafeMutableBufferPointer { output in
                        stream.next_out = output.baseAddress
                        stream.avail_out = UInt32(output.count)
                        _ = CZlib.deflate(&stream, flush)
                    }
                    packed.append(contentsOf: output[..<(output.count - Int(stream.avail_out))])
                } while stream.avail_out == 0
            }
        }
        try bytes.forEachBlock { deflate($0, Z_NO_FLUSH) }
        deflate([], Z_FINISH)
        return packed
    }

    /// The original `size` bytes, or `nil` when the stored ones are damaged.
    static func unpacked(_ bytes: [UInt8], codec: Codec, size: Int) -> [UInt8]? {
        switch codec {
        case .raw: return bytes.count == size ? bytes : nil
        case .zlib:
            var length = uLong(size)
            var output = [UInt8](repeating: 0, count: max(size, 1))
            let status = uncompress(&output, &length, bytes, uLong(bytes.count))
            guard status == Z_OK, Int(length) == size else { return nil }
            return size == 0 ? [] : output
        }
    }
}
