import Crypto
import EbbModel
import FoundationEssentials
import GRDB

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

    package init(length: Int, hash: String) { (self.length, self.hash) = (length, hash) }
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
            return walk.report()
        }
    }
}
