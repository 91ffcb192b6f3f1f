import Crypto
package import EbbModel
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
        try db.insert(
            "INTO evidence",
            [
                "id": link.id, "hostID": try host.map { try db.id(of: $0) }, "kind": link.kind,
                "recordedAt": link.recordedAt, "bootID": link.bootID, "detail": link.detail,
                "previousHash": Data(link.previousHash), "hash": Data(hash(of: link)),
            ])
        for (ordinal, part) in stored.enumerated() {
            try db.execute(
                sql: "INSERT INTO evidencePart VALUES (?, ?, ?, ?, ?)",
                arguments: [link.id, ordinal, part.name, Data(part.digest), part.originalSize])
        }
        return EvidenceID(link.id)
    }
}

/// Bytes that something rests on: one stream of one command, as the host sent it.
package struct EvidencePart: Sendable {
    /// What the bytes are, such as `facts` or `drift`.
    ///
    /// Parts that do not change between two observations are stored once, so a part of its own for what
    /// is long and stable costs nothing the second time.
    package let name: String
    package let content: SpillBuffer

    package init(name: String, bytes: [UInt8]) { self.init(name: name, content: SpillBuffer(bytes, room: Self.limit)) }

    /// A part whose buffer was made with room for `limit` bytes.
    package init(name: String, content: SpillBuffer) { (self.name, self.content) = (name, content) }

    /// The most that is kept of one part; the beginning stays, and the part says how long it was.
    package static let limit = 64 << 20
}

/// What a walk over the whole evidence found.
package struct ChainReport: Sendable, Hashable, Codable {
    /// Something that is not as it was written.
    package struct Fault: Sendable, Hashable, Codable {
        /// The first row of the chain that it touches.
        package let evidence: EvidenceID
        /// One sentence for a person.
        package let message: String
    }

    /// How many rows the chain has.
    package let length: Int
    /// The last row's hash, lower-case hexadecimal; 64 zeros for an empty chain.
    package let head: String
    /// Pieces of raw output that retention removed; their digests are still in the chain.
    package let prunedParts: Int
    /// By row; empty: everything is as it was written.
    package let faults: [Fault]

    /// Whether everything is as it was written.
    package var isIntact: Bool { faults.isEmpty }
}

/// Where the evidence chain ends: what an export prints, so that later edits show.
package struct ChainHead: Sendable, Hashable, Codable {
    /// How many rows the chain has.
    package let length: Int
    /// The last row's hash, lower-case hexadecimal; 64 zeros for an empty chain.
    package let hash: String
}

extension Store {
    /// Where the chain ends now.
    package func chainHead() async throws(StoreError) -> ChainHead {
        try await read { db in
            let row = try Row.fetchOne(db, sql: "SELECT id, hash FROM evidence ORDER BY id DESC LIMIT 1")
            let hash: Data? = row?["hash"]
            return ChainHead(length: row?["id"] ?? 0, hash: Hex.text(hash.map(Array.init) ?? EvidenceChain.origin))
        }
    }

    /// Computes every hash anew, and names every row that is not as it was written.
    ///
    /// Checks the chain, the kept raw output, and what rests on the chain: judgements with their
    /// paths, the journal and the verdicts of boots. With `expecting`, the head printed in an
    /// earlier export, a chain that was cut short or written anew shows as well.
    package func verifyChain(expecting: ChainHead? = nil) async throws(StoreError) -> ChainReport {
        try await read { db in
            var walk = ChainWalk(db)
            try walk.chain(expecting: expecting)
            try walk.contents()
            try walk.judgements()
            try walk.journal()
            try walk.acceptances()
            return walk.report()
        }
    }
}
