import EbbModel
import EbbStore
import FoundationEssentials
import Testing

struct ScheduleAndLockTests {
    @Test func `an opening is taken by one controller, and once`() async throws {
        let store = try Store.inMemory()
        let slot = ScheduleSlot(schedule: "sundays", opensAt: Sample.start, state: .claimed, recordedAt: Sample.time(5))
        #expect(try await store.record(slot))
        #expect(try await !store.record(slot))
        var missed = slot
        missed.state = .missed
        #expect(try await !store.record(missed))
        #expect(try await store.slots(since: Sample.start) == [slot])
        try await store.update(slot, state: .done, run: nil)
        #expect(try await store.slots(since: Sample.start).map(\.state) == [.done])
        await #expect(throws: StoreError.self) { try await store.update(slot, state: .interrupted, run: nil) }
        #expect(try await store.slots(since: Sample.time(1)).isEmpty)
    }

    @Test func `a schedule remembers when it was first looked at`() async throws {
        let store = try Store.inMemory()
        #expect(try await store.firstSight(of: "a", at: Sample.start) == Sample.start)
        #expect(try await store.firstSight(of: "a", at: Sample.time(60)) == Sample.start)
    }

    private static let controller = ControllerIdentity(hostname: "desk", pid: 7, startedAt: Sample.start, bootID: nil)

    private func begin(_ store: Store, _ slots: [ScheduleSlot], _ hosts: [String]) async throws -> RolloutID? {
        let members = try hosts.map { RolloutHost(host: try HostName($0), wave: 0) }
        return try await store.beginRollout(
            in: slots, pattern: "scheduled", plan: "{}", planHash: "x", controller: Self.controller, hosts: members,
            at: Sample.time(9))
    }

    @Test func `a window and the rollout in it are taken together, by one of many`() async throws {
        let store = try Store.inMemory()
        let slot = ScheduleSlot(schedule: "sundays", opensAt: Sample.start, state: .claimed, recordedAt: Sample.time(5))
        let taken = try await withThrowingTaskGroup(of: RolloutID?.self) { group in
            for number in 0..<20 { group.addTask { try await begin(store, [slot], ["host\(number)"]) } }
            return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
        }
        #expect(taken.count == 1)
        #expect(try await store.slots(since: Sample.start).map(\.run) == taken.map(\.value))
        #expect(try await store.unfinishedRollouts().map(\.id) == taken)
    }

    @Test func `a window is taken further only when its run is over, and only as it was known`() async throws {
        let store = try Store.inMemory()
        let other = ScheduleSlot(schedule: "nights", opensAt: Sample.start, state: .claimed, recordedAt: Sample.time(5))
        var slot = ScheduleSlot(schedule: "sundays", opensAt: Sample.start, state: .claimed, recordedAt: Sample.time(5))
        let first = try #require(try await begin(store, [slot], ["a"]))
        slot.run = first.value
        #expect(try await begin(store, [slot], ["b"]) == nil)  // It is still under way.
        try await store.finishRollout(first, state: .finished, at: Sample.time(20))
        var stale = slot
        stale.run = nil
        #expect(try await begin(store, [other, stale], ["b"]) == nil)
        // Nothing of what was refused was written.
        #expect(try await store.slots(since: Sample.start).count == 1)
        let second = try #require(try await begin(store, [slot, other], ["b"]))
        #expect(try await store.slots(since: Sample.start).map(\.run) == [second.value, second.value])
    }

    @Test func `a host that another rollout holds gives no run, and the window stays as it was`() async throws {
        let store = try Store.inMemory()
        let slot = ScheduleSlot(schedule: "sundays", opensAt: Sample.start, state: .claimed, recordedAt: Sample.time(5))
        _ = try await store.beginRollout(
            pattern: "a", plan: "{}", planHash: "x", controller: Self.controller,
            hosts: [RolloutHost(host: try HostName("a"), wave: 0)], at: Sample.time(1))
        await #expect(throws: StoreError.self) { try await begin(store, [slot], ["b", "a"]) }
        #expect(try await store.slots(since: Sample.start).isEmpty)
    }
}
