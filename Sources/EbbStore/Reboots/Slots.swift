package import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// Every slot that is held, the longest held first.
    ///
    /// Hosts take theirs with `advance(to: .intent)`; `proven` and `recordOverride` free them.
    package func slots() async throws(StoreError) -> [Slot] { try await read { try SlotTable.held(in: $0) } }

    /// Lets `decide` look at every slot and change that of an agent outside Ebb, with nobody in
    /// between; a slot of a host stays what it is.
    package func changeSlots<Answer: Sendable>(_ decide: @escaping @Sendable ([Slot]) -> (SlotChange, Answer))
        async throws(StoreError) -> Answer
    {
        try await write { db in
            let (change, answer) = decide(try SlotTable.held(in: db))
            switch change {
            case .none: break
            case .take(let slot):
                guard case .agent(let group) = slot.holder else { break }
                try db.execute(
                    sql: "INSERT INTO slot (machine, groupName, since) VALUES (?, ?, ?)",
                    arguments: [slot.machine, group, slot.since.milliseconds])
            case .free(let slot):
                guard case .agent(let group) = slot.holder else { break }
                try db.execute(
                    sql: "DELETE FROM slot WHERE machine = ? AND groupName = ?", arguments: [slot.machine, group])
            }
            return answer
        }
    }

    /// Takes an opening of a schedule, or records that it was missed; `false`: it is recorded already.
    ///
    /// - Important: Do it before anything is done in the opening, and nothing when it answers `false`.
    package func record(_ slot: ScheduleSlot) async throws(StoreError) -> Bool {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO scheduleSlot (schedule, opensAt, state, recordedAt, rolloutID)
                    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """,
                arguments: [
                    slot.schedule, slot.opensAt.milliseconds, slot.state.rawValue, slot.recordedAt.milliseconds,
                    slot.run,
                ])
            return db.changesCount == 1
        }
    }

    /// Notes the rollout of a claimed slot, or its end; throws `invalidTransition` once it has ended.
    package func update(_ slot: ScheduleSlot, state: ScheduleSlot.State, run: Int64?) async throws(StoreError) {
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE scheduleSlot SET state = ?, rolloutID = coalesce(?, rolloutID)
                    WHERE schedule = ? AND opensAt = ? AND state = 'claimed'
                    """, arguments: [state.rawValue, run, slot.schedule, slot.opensAt.milliseconds])
            guard db.changesCount == 1 else { throw StoreError(.invalidTransition, "the window is no longer claimed") }
        }
    }

    /// Starts a rollout in openings: takes them, or takes them further, in the same transaction.
    ///
    /// Each slot's `run` is the rollout that the caller knows of. `nil`: meanwhile somebody else took
    /// one of the openings or started a run in it; then nothing was written.
    package func beginRollout(
        in slots: [ScheduleSlot], pattern: String, plan: String, planHash: String, controller: ControllerIdentity,
        hosts: [RolloutHost], at: Date
    ) async throws(StoreError) -> RolloutID? {
        try await write { db in
            for slot in slots where try !Self.isFree(slot, in: db) { return nil }
            let id = try Self.insertRollout(pattern, plan, planHash, controller, hosts, at: at, in: db)
            for slot in slots {
                try db.execute(
                    sql: """
                        INSERT INTO scheduleSlot (schedule, opensAt, state, recordedAt, rolloutID)
                        VALUES (?, ?, 'claimed', ?, ?)
                        ON CONFLICT (schedule, opensAt) DO UPDATE SET rolloutID = excluded.rolloutID
                        """, arguments: [slot.schedule, slot.opensAt.milliseconds, at.milliseconds, id.value])
            }
            return id
        }
    }

    /// Whether nobody took the opening, or it stands as the caller knows it and no run is under way.
    private static func isFree(_ slot: ScheduleSlot, in db: Database) throws -> Bool {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT scheduleSlot.state AS state, rolloutID, rollout.state AS run
                FROM scheduleSlot LEFT JOIN rollout ON rollout.id = rolloutID
                WHERE schedule = ? AND opensAt = ?
                """, arguments: [slot.schedule, slot.opensAt.milliseconds])
        guard let row else { return slot.run == nil }
        // An opening that was claimed without a run has none that could be under way.
        let (rollout, run) = (row["rolloutID"] as Int64?, row["run"] as String?)
        return row["state"] == "claimed" && rollout == slot.run && run != "running"
    }

    /// The recorded openings since a time, the oldest first.
    package func slots(since: Date) async throws(StoreError) -> [ScheduleSlot] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM scheduleSlot WHERE opensAt >= ? ORDER BY opensAt, schedule",
                arguments: [since.milliseconds]
            ).map { row in
                ScheduleSlot(
                    schedule: row["schedule"], opensAt: row.date("opensAt"), state: try row.word("state"),
                    recordedAt: row.date("recordedAt"), run: row["rolloutID"])
            }
        }
    }

    /// When a schedule was looked at first; notes this time where it never was.
    package func firstSight(of schedule: String, at now: Date) async throws(StoreError) -> Date {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO schedule (name, knownSince) VALUES (?, ?) ON CONFLICT DO NOTHING
                    """, arguments: [schedule, now.milliseconds])
            let since = try Int64.fetchOne(
                db, sql: "SELECT knownSince FROM schedule WHERE name = ?", arguments: [schedule])
            return since.map { Date(milliseconds: $0) } ?? now
        }
    }
}

/// Reads and writes the table of slots.
enum SlotTable {
    /// Every slot that is held, the longest held first.
    static func held(in db: Database) throws -> [Slot] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT machine, groupName, since, limits, name FROM slot LEFT JOIN host ON host.id = hostID
                ORDER BY since, machine, groupName
                """)
        let machines = rows.isEmpty ? Machines() : try MachineTable.machines(in: db)
        return try rows.map { row in
            let since = row.date("since")
            guard row["name"] != nil else {
                return Slot(machine: row["machine"], holder: .agent(group: row["groupName"]), since: since)
            }
            let host = try row.host("name")
            let names = machines.names(of: host)
            return Slot(
                machine: names.min()?.text ?? host.text, holder: .host(host), since: since, names: names,
                limits: (row["limits"] as String?) == nil ? nil : try row.json("limits"))
        }
    }

    /// Takes the slot of an attempt's host; one that it holds already goes to this attempt.
    ///
    /// `limits` are those that it counts in from then on.
    static func take(
        for attempt: StoredAttempt, limits: [String]?, unless refusal: ([Slot]) -> String?, at: Date, in db: Database
    ) throws {
        let slots = try held(in: db)
        let other = slots.first { $0.host != attempt.host && $0.names.contains(attempt.host) }
        let words = other.map { "it is, or may be, one machine with \($0.words), which holds a slot" }
        if let words = words ?? refusal(slots) { throw StoreError(.noSlot, host: attempt.host, words) }
        try db.execute(
            sql: """
                INSERT INTO slot (machine, groupName, hostID, attemptID, since, limits)
                VALUES (?, '', ?, ?, ?, ?)
                ON CONFLICT (machine, groupName) DO UPDATE SET attemptID = excluded.attemptID, limits = excluded.limits
                """,
            arguments: [
                attempt.host.text, try db.id(of: attempt.host), attempt.id.value, at.milliseconds,
                try limits.map { try StoredJSON.text(of: $0.sorted()) },
            ])
    }

    /// Gives back what an attempt took that certainly told its host nothing.
    ///
    /// An earlier attempt that was not decided, or failed, has its slot again.
    static func giveBack(_ attempt: StoredAttempt, in db: Database) throws {
        let earlier = try Int64.fetchOne(
            db,
            sql: """
                SELECT id FROM attempt AS earlier
                WHERE hostID = (SELECT id FROM host WHERE name = ?1) AND id <> ?2
                  AND state IN ('intent', 'sent', 'booted', 'failed', 'inconclusive')
                  AND NOT EXISTS (SELECT 1 FROM override WHERE attemptID = earlier.id)
                  AND NOT EXISTS (SELECT 1 FROM attempt AS later WHERE later.hostID = earlier.hostID
                    AND later.id > earlier.id AND (later.state = 'proven' OR later.state <> 'skipped'
                      AND EXISTS (SELECT 1 FROM override WHERE attemptID = later.id)))
                ORDER BY id DESC LIMIT 1
                """, arguments: [attempt.host.text, attempt.id.value])
        guard let earlier else { return try free(attempt: attempt.id, in: db) }
        try db.execute(
            sql: "UPDATE slot SET attemptID = ? WHERE attemptID = ?", arguments: [earlier, attempt.id.value])
    }

    /// Frees a host that was proven.
    static func free(host: HostName, in db: Database) throws {
        try db.execute(
            sql: "DELETE FROM slot WHERE hostID = (SELECT id FROM host WHERE name = ?)", arguments: [host.text])
    }

    /// Frees what an attempt still holds.
    static func free(attempt: AttemptID, in db: Database) throws {
        try db.execute(sql: "DELETE FROM slot WHERE attemptID = ?", arguments: [attempt.value])
    }
}
