import EbbModel
import EbbStore
import FoundationEssentials
import Testing

struct ScheduleAndLockTests {
    @Test func `an opening is taken by one controller, and once`() async throws {
        let store = try Store.inMemory()
        let slot = ScheduleSlot(
            schedule: "sundays", opensAt: Sample.start, state: .claimed,
            recordedAt: Sample.time(5))
        #expect(try await store.record(slot))
        #expect(try await !store.record(slot))
        var missed = slot
        missed.state = .missed
        #expect(try await !store.record(missed))
        #expect(try await store.slots(since: Sample.start) == [slot])
        try await store.update(slot, state: .done, run: nil)
        #expect(try await store.slots(since: Sample.start).map(\.state) == [.done])
        await #expect(throws: StoreError.self) {
            try await store.update(slot, state: .interrupted, run: nil)
        }
        #expect(try await store.slots(since: Sample.time(1)).isEmpty)
    }

    @Test func `a schedule remembers when it was first looked at`() async throws {
        let store = try Store.inMemory()
        #expect(try await store.firstSight(of: "a", at: Sample.start) == Sample.start)
        #expect(try await store.firstSight(of: "a", at: Sample.time(60)) == Sample.start)
    }
}
