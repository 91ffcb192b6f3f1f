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
