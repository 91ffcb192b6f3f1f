import Crypto
import EbbModel
import FoundationEssentials
import GRDB

/// Appends to the hash chain, and says what a row's hash must be.
///
/// A row's hash covers the hash before it, every column of the row with the host by name, and the
/// name, digest and original size of each part. Whoever changes, removes, inserts or reorders rows
/// later must make every later hash anew, and the last one is printed in every export.
enum EvidenceChain {
    enum Kind: String { case raw, judgement, boot, identity, rollout, attempt, override, stop }

    struct Part {
        let name: String
        let digest: [UInt8]
        let originalSize: Int64
    }

    struct Link {
        let id: Int64
        let host: String?
        let kind: String
        let recordedAt: Int64
        let bootID: String?
        let detail: String
        let parts: [Part]
        let previousHash: [UInt8]
    }

    /// What the first row has for a predecessor.
    static let origin = [UInt8](repeating: 0, count: 32)

    static func hash(of link: Link) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: link.previousHash)
        func add(_ bytes: some Sequence<UInt8>) {
            let bytes = Array(bytes)
            // A length before each field, or "ab"+"c" would hash as "a"+"bc".
            withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: bytes)
        }
        func add(_ text: String?) {
            hash.update(data: [text == nil ? 0 : 1] as [UInt8])
            add((text ?? "").utf8)
        }
        add("ebb.evidence/1")
        add(String(link.id))
        add(link.host)
        add(link.kind)
        add(String(link.recordedAt))
        add(link.bootID)
        add(link.detail)
        add(String(link.parts.count))
        for part in link.parts {
            add(part.name)
            add(part.digest)
            add(String(part.originalSize))
        }
        return Array(hash.finalize())
    }

    static func append(
        _ kind: Kind, host: HostName?, at: Date, bootID: BootID? = nil, detail: some Encodable,
        parts: [EvidencePart] = [], in db: Database
    ) throws -> EvidenceID {
        let last = try Row.fetchOne(db, sql: "SELECT id, hash FROM evidence ORDER BY id DESC LIMIT 1")
        let stored = try parts.map { part in
            Part(
                name: part.name, digest: try Content.store(part.content, in: db),
                originalSize: Int64(part.content.total))
        }
        let previous: Data? = last?["hash"]
        let lastID: Int64 = last?["id"] ?? 0
        let link = Link(
            id: lastID + 1, host: host?.text, kind: kind.rawValue, recordedAt: at.milliseconds, bootID: bootID?.text,
            detail: try StoredJSON.text(of: detail), parts: stored, previousHash: previous.map(Array.init) ?? origin)
        let hostID = try host.map { try HostTable.id(of: $0, in: db) }
        try db.execute(
            sql: """
                INSERT INTO evidence
                  (id, hostID, kind, recordedAt, bootID, detail, previousHash, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                link.id, hostID, link.kind, link.recordedAt, link.bootID, link.detail, Data(link.previousHash),
                Data(hash(of: link)),
            ])
        for (ordinal, part) in stored.enumerated() {
            try db.execute(
                sql: "INSERT INTO evidencePart VALUES (?, ?, ?, ?, ?)",
                arguments: [link.id, ordinal, part.name, Data(part.digest), part.originalSize])
        }
        return EvidenceID(link.id)
    }
}
