import EbbModel
import FoundationEssentials
import GRDB

/// When collections were made and during which boot, read once each.
struct CollectionSightings {
    private let db: Database
    private var known: [Int64: (at: Date, boot: BootID?)] = [:]

    init(_ db: Database) { self.db = db }

    mutating func of(_ id: Int64) throws -> (at: Date, boot: BootID?) {
        if let sighting = known[id] { return sighting }
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT observedAt, bootID FROM collection WHERE id = ?",
                arguments: [id])
        else { throw StoreError(.corrupt, "a drift entry names a collection that is gone") }
        let boot: String? = row["bootID"]
        let sighting = (Date(milliseconds: row["observedAt"]), boot.flatMap { BootID($0) })
        known[id] = sighting
        return sighting
    }

    mutating func stored(_ entry: DriftEntry, first: Int64) throws -> StoredDriftEntry {
        let sighting = try of(first)
        return StoredDriftEntry(
            entry: entry, firstCollection: CollectionID(first), firstSeen: sighting.at,
            firstBoot: sighting.boot)
    }
}
