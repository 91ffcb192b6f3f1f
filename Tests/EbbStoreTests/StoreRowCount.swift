import GRDB

@testable import EbbStore

extension Store {
    /// The rows of all tables together.
    func rowCount() async throws -> Int {
        try await database.read { db in
            let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
            return try tables.reduce(0) { sum, table in
                try sum + (Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(table)\"") ?? 0)
            }
        }
    }
}
