import EbbModel
import FoundationEssentials
import GRDB

/// Reads and writes the digests of small changed files.
enum ContentDigestTable {
    static func all(hostID: Int64, in db: Database) throws -> [BytePath: [UInt8]] {
        var digests: [BytePath: [UInt8]] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT path, digest FROM driftContent WHERE hostID = ?", arguments: [hostID])
        while let row = try rows.next() { digests[BytePath(bytes: row[0] as Data)] = Array(row[1] as Data) }
        return digests
    }

    /// Makes the table say what `digests` says, writing only what differs.
    static func replace(hostID: Int64, with digests: [BytePath: [UInt8]], in db: Database) throws {
        let stored = try all(hostID: hostID, in: db)
        if stored == digests { return }
        let remove = try db.makeStatement(sql: "DELETE FROM driftContent WHERE hostID = ? AND path = ?")
        for path in stored.keys where digests[path] == nil {
            try remove.execute(arguments: [hostID, Data(path.bytes)])
        }
        let insert = try db.makeStatement(
            sql: "INSERT OR REPLACE INTO driftContent (hostID, path, digest) VALUES (?, ?, ?)")
        for (path, digest) in digests where digest.count == 32 && stored[path] != digest {
            try insert.execute(arguments: [hostID, Data(path.bytes), Data(digest)])
        }
    }
}
