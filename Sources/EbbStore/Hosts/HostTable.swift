import EbbModel
import GRDB

/// The numbers that stand for hosts inside the database.
enum HostTable {
    static func id(of host: HostName, in db: Database) throws -> Int64 {
        if let id = try find(host, in: db) { return id }
        try db.execute(sql: "INSERT INTO host (name) VALUES (?)", arguments: [host.text])
        return db.lastInsertedRowID
    }

    static func find(_ host: HostName, in db: Database) throws -> Int64? {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT id FROM host WHERE name = ?"), arguments: [host.text])
    }

    /// Reads a name back; a text that is none was put there by another program.
    static func name(_ text: String) throws -> HostName {
        do { return try HostName(text) } catch {
            throw StoreError(.corrupt, "a stored host name is none", cause: error)
        }
    }
}
