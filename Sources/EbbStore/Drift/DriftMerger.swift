import EbbModel
import GRDB

/// Makes the open rows of a host say what an observation saw.
///
/// The entries come in the order of the rows' keys, and the rows are read page by page, so that one
/// pass decides and neither list is held.
struct DriftMerger {
    private let db: Database
    private let row: ObservationTable.Record
    private let isComplete: Bool
    private let lastComplete: Int64
    private let insert: DriftStatement
    private let update: DriftStatement
    private var open: OpenDriftRows

    init(_ row: ObservationTable.Record, isComplete: Bool, in db: Database) throws {
        (self.db, self.row, self.isComplete) = (db, row, isComplete)
        lastComplete =
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(id) FROM observation
                    WHERE hostID = ? AND state = 'judged' AND complete = 1
                    """, arguments: [row.hostID]) ?? 0
        insert = try DriftTable.insertion(hostID: row.hostID, observation: row.id, isPartial: !isComplete, in: db)
        update = try DriftTable.update(hostID: row.hostID, observation: row.id, isPartial: !isComplete, in: db)
        open = OpenDriftRows(hostID: row.hostID)
    }

    /// Takes the next entry.
    mutating func take(_ entry: DriftEntry) throws {
        while let next = try open.peek(in: db) {
            let (key, nextKey) = (DriftKey(entry), DriftKey(next))
            if key < nextKey { break }
            open.skip()
            if key == nextKey {
                // A complete observation needs no mark on what stays as it is.
                if !isComplete || !DriftColumn.areEqual(entry, next) { try update.run(entry) }
                return
            }
            try leave(next)
        }
        try insert.run(entry)
    }

    /// Takes what is left after the last entry.
    mutating func finish() throws {
        guard isComplete else { return }
        while let next = try open.peek(in: db) {
            try leave(next)
            open.skip()
        }
    }

    /// Closes an open row that the observation did not see, if that says anything.
    private func leave(_ entry: DriftEntry) throws {
        guard isComplete else { return }
        try DriftTable.close(entry, hostID: row.hostID, observation: row.id, lastComplete: lastComplete, in: db)
    }
}

/// The open rows of a host in the order of their keys, a page at a time.
///
/// Rows may be written meanwhile, as long as their keys come before the row that is peeked at.
struct OpenDriftRows {
    static let pageSize = 2_000

    private let hostID: Int64
    private var page: [DriftEntry] = []
    private var index = 0
    private var last: DriftEntry?
    private var isEnded = false

    init(hostID: Int64) { self.hostID = hostID }

    /// The next row; `nil` after the last one.
    mutating func peek(in db: Database) throws -> DriftEntry? {
        if index == page.count, !isEnded {
            page = []
            index = 0
            try DriftTable.forEachOpen(hostID: hostID, after: last, limit: Self.pageSize, in: db) { entry, _ in
                page.append(entry)
            }
            isEnded = page.count < Self.pageSize
            last = page.last
        }
        return index < page.count ? page[index] : nil
    }

    /// Goes past the row that was peeked at.
    mutating func skip() { index += 1 }
}
