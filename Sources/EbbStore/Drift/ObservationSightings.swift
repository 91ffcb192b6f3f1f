import EbbModel
import FoundationEssentials
import GRDB

/// When observations were made and during which boot, read once each.
struct ObservationSightings {
    private let db: Database
    private var known: [Int64: (at: Date, boot: BootID?)] = [:]

    init(_ db: Database) { self.db = db }

    mutating func of(_ id: Int64) throws -> (at: Date, boot: BootID?) {
        if let sighting = known[id] { return sighting }
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT observedAt, bootID FROM observation WHERE id = ?", arguments: [id])
        else { throw StoreError(.corrupt, "a drift entry names an observation that is gone") }
        let sighting = (row.date("observedAt"), try row.bootIfAny("bootID"))
        known[id] = sighting
        return sighting
    }

    mutating func stored(_ entry: DriftEntry, first: Int64) throws -> StoredDriftEntry {
        let sighting = try of(first)
        return StoredDriftEntry(
            entry: entry, firstObservation: ObservationID(first), firstSeen: sighting.at, firstBoot: sighting.boot)
    }
}
