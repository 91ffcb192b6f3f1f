package import EbbModel
import GRDB

extension Store {
    /// Which names lead to one machine, by what each was last known by.
    package func machines() async throws(StoreError) -> Machines {
        try await read { try MachineTable.machines(in: $0) }
    }
}

/// Reads what machines are known by.
enum MachineTable {
    static func machines(in db: Database) throws -> Machines {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT name, kind, value FROM host CROSS JOIN identity ON hostID = host.id
                WHERE kind IN ('machine-id', 'host-key', 'board-serial') ORDER BY lastSeenAt, firstSeenAt, value DESC
                """)
        var marks: [HostName: MachineMarks] = [:]
        for row in rows {
            let (host, value) = (try row.host("name"), row["value"] as String)
            let kind: IdentityKind = try row.word("kind")
            switch kind {
            case .machineID: marks[host, default: MachineMarks()].machineID = value
            case .hostKey:
                // An older Ebb left the type out; where it is known since, that row is of no use.
                let words = value.split(separator: " ", maxSplits: 1).map(String.init)
                var keys = marks[host]?.hostKeys ?? [:]
                if words.count == 2 { keys[words[0]] = words[1] } else { keys[""] = value }
                if keys.count > 1 { keys[""] = nil }
                marks[host, default: MachineMarks()].hostKeys = keys
            case .boardSerial: marks[host, default: MachineMarks()].serial = MachineMarks.serial(value)
            case .blank, .root: continue
            }
        }
        return Machines(marks, accepted: try accepted(in: db))
    }

    /// The marks with which a person last said that a name is a machine of its own.
    private static func accepted(in db: Database) throws -> [HostName: MachineMarks] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT name, marks FROM hostAcceptance JOIN host ON host.id = hostID WHERE subject = 'machine'
                ORDER BY hostAcceptance.id
                """)
        return Dictionary(try rows.map { (try $0.host("name"), try $0.json("marks")) }, uniquingKeysWith: { $1 })
    }
}
