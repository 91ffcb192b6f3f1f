import EbbModel
import FoundationEssentials
import GRDB

/// Reads the table of rollouts.
enum RolloutTable {
    static func one(_ id: RolloutID, in db: Database) throws -> StoredRollout {
        guard let rollout = try fetch(db, "WHERE id = ?", arguments: [id.value]).first else {
            throw StoreError(.notFound, "there is no rollout \(id.value)")
        }
        return rollout
    }

    static func fetch(_ db: Database, _ condition: String, arguments: StatementArguments = []) throws -> [StoredRollout]
    {
        try Row.fetchAll(db, sql: "SELECT * FROM rollout \(condition)", arguments: arguments).map { row in
            let id: Int64 = row["id"]
            return StoredRollout(
                id: RolloutID(id), pattern: row["pattern"], plan: row["plan"], planHash: row["planHash"],
                controller: try controller(row), fence: row["fence"], lease: row["lease"],
                startedAt: row.date("startedAt"), state: try row.word("state"), endedAt: row.dateIfAny("endedAt"),
                reason: row["reason"], hosts: try hosts(of: id, in: db))
        }
    }

    private static func controller(_ row: Row) throws -> ControllerIdentity {
        ControllerIdentity(
            hostname: row["controllerName"], pid: Int32(clamping: row["controllerPID"] as Int64),
            startedAt: row.date("controllerStartedAt"), bootID: try row.bootIfAny("controllerBootID"),
            startTicks: row["controllerStartTicks"], pidNamespace: row["controllerPIDNamespace"])
    }

    private static func hosts(of rollout: Int64, in db: Database) throws -> [RolloutHost] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT name, wave FROM rolloutHost JOIN host ON host.id = hostID
                WHERE rolloutID = ? ORDER BY wave, position
                """, arguments: [rollout]
        ).map { RolloutHost(host: try $0.host("name"), wave: $0["wave"]) }
    }

    /// Throws `fenced` when a later controller has the rollout.
    static func check(fence: Int?, of rollout: RolloutID, in db: Database) throws {
        guard let fence else { return }
        let current = try Int.fetchOne(db, sql: "SELECT fence FROM rollout WHERE id = ?", arguments: [rollout.value])
        guard current == fence else {
            throw StoreError(.fenced, "another controller has taken rollout \(rollout.value) over")
        }
    }
}
