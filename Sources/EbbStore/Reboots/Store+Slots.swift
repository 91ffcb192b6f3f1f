package import EbbModel
import FoundationEssentials
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
}
