import EbbModel
import EbbStore
import FoundationEssentials
import Testing

struct SlotTests {
    /// Starts a rollout over one host and brings its attempt to the last question before `intent`.
    private func attempt(_ store: Store, _ name: String) async throws -> AttemptID {
        let rollout = try await store.beginRollout(
            pattern: name, plan: "{}", planHash: "x", controller: Sample.controller,
            hosts: [RolloutHost(host: try HostName(name), wave: 0)], at: Sample.start)
        let attempt = try #require(try await store.attempts(of: rollout).first).id
        try await store.advance(attempt, to: .preflight, at: Sample.start)
        try await store.advance(attempt, to: .canaries, at: Sample.start)
        return attempt
    }

    private func intend(_ store: Store, _ attempt: AttemptID, within limit: SlotLimit? = nil) async throws {
        let host = try await store.attempt(attempt).host
        try await store.advance(
            attempt, to: .intent, at: Sample.time(5),
            AttemptChange(bootIDBefore: try Sample.boot(1), deadline: Sample.time(60)),
            refusal: { limit?.refusal(of: Slot(host: host, since: Sample.start), among: $0) })
    }

    private func limit(_ names: [String], _ most: Int = 1) throws -> SlotLimit {
        SlotLimit(
            name: "web", members: Set(try names.map { try HostName($0) }), agentGroups: ["web"], maxUnavailable: most)
    }

    private func holds(_ store: Store, _ attempt: AttemptID) async throws -> Bool {
        try await store.attempt(attempt).holdsHost
    }

    private func machines(_ store: Store) async throws -> [String] { try await store.slots().map(\.machine) }

    @Test func `of rollouts that reach a group of limit one together, one goes on`() async throws {
        try await withScratchDirectory { scratch in
            let names = (0..<6).map { "web\($0)" }
            let limit = try limit(names)
            let stores = try names.map { _ in try Store.open(scratch + "/ebb.sqlite") }
            var attempts: [AttemptID] = []
            for name in names { attempts.append(try await attempt(stores[0], name)) }
            let ends = try await withThrowingTaskGroup(of: StoreError.Code?.self) { group in
                for (store, attempt) in zip(stores, attempts) {
                    group.addTask {
                        do {
                            try await intend(store, attempt, within: limit)
                            return nil
                        } catch let error as StoreError { return error.code }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(ends.count { $0 == nil } == 1)
            #expect(ends.count { $0 == .noSlot } == 5)
            #expect(try await machines(stores[0]).count == 1)
        }
    }

    @Test func `a refusal names the holders and leaves the attempt where it was`() async throws {
        let store = try Store.inMemory()
        let first = try await attempt(store, "web1")
        let second = try await attempt(store, "web2")
        let limit = try limit(["web1", "web2"])
        try await intend(store, first, within: limit)
        let error = await #expect(throws: StoreError.self) { try await intend(store, second, within: limit) }
        #expect(error?.code == .noSlot && error?.message.contains("taken by web1") == true)
        #expect(try await store.attempt(second).state == .canaries)
        try await store.advance(second, to: .skipped, at: Sample.time(6), AttemptChange(reason: "max-unavailable"))
        #expect(try await store.verifyChain().isIntact)
    }

    @Test func `a host that failed keeps its slot through later attempts until one proves it`() async throws {
        let store = try Store.inMemory()
        let failed = try await attempt(store, "web1")
        try await intend(store, failed)
        try await store.advance(failed, to: .failed, at: Sample.time(9), AttemptChange(reason: "not-erased"))
        try await store.finishRollout(try await store.attempt(failed).rollout, state: .halted, at: Sample.time(10))
        #expect(try await machines(store) == ["web1"])
        let skipped = try await attempt(store, "web1")
        try await store.advance(skipped, to: .skipped, at: Sample.time(11), AttemptChange(reason: "unreachable"))
        try await store.finishRollout(try await store.attempt(skipped).rollout, state: .finished, at: Sample.time(12))
        #expect(try await machines(store) == ["web1"])
        // Its own slot does not keep it from going again.
        let last = try await attempt(store, "web1")
        try await intend(store, last, within: limit(["web1"]))
        try await store.advance(last, to: .sent, at: Sample.time(13))
        let booted = AttemptChange(bootIDAfter: try Sample.boot(2), verdict: Sample.proven)
        try await store.advance(last, to: .booted, at: Sample.time(14), booted)
        #expect(try await machines(store) == ["web1"])
        try await store.advance(last, to: .proven, at: Sample.time(15), booted)
        #expect(try await machines(store) == [])
    }

    @Test func `an attempt that took a slot and told nobody gives it back to the one that failed, or to nobody`()
        async throws
    {
        let store = try Store.inMemory()
        let free = try await attempt(store, "web2")
        try await intend(store, free)
        try await store.advance(free, to: .skipped, at: Sample.time(6), AttemptChange(reason: "aborted"))
        #expect(try await machines(store) == [])

        let failed = try await attempt(store, "web1")
        try await intend(store, failed)
        try await store.advance(failed, to: .failed, at: Sample.time(9), AttemptChange(reason: "not-erased"))
        try await store.finishRollout(try await store.attempt(failed).rollout, state: .halted, at: Sample.time(10))
        let later = try await attempt(store, "web1")
        try await intend(store, later)
        try await store.advance(later, to: .skipped, at: Sample.time(11), AttemptChange(reason: "aborted"))
        #expect(try await machines(store) == ["web1"])
        try await store.recordOverride(failed, author: "kim", reason: "seen", at: Sample.time(12))
        #expect(try await machines(store) == [])
    }

    @Test func `a second name of a machine finds its slot taken, whatever the limits`() async throws {
        let store = try Store.inMemory()
        let (one, two) = (try await attempt(store, "web1"), try await attempt(store, "web2"))
        for name in ["web1", "web2"] {
            for (kind, value) in [(IdentityKind.machineID, "m"), (.hostKey, "ssh-ed25519 SHA256:x")] {
                try await store.recordIdentity(host: HostName(name), kind, value, at: Sample.start)
            }
        }
        try await intend(store, two)
        let error = await #expect(throws: StoreError.self) { try await intend(store, one) }
        #expect(error?.code == .noSlot && error?.message.contains("one machine with web2") == true)
        #expect(try await store.slots().first?.names == [HostName("web1"), HostName("web2")])
    }

    @Test func `an override frees slot and host of an attempt that has ended, and no other's`() async throws {
        let store = try Store.inMemory()
        let (first, second) = (try await attempt(store, "a"), try await attempt(store, "b"))
        for id in [first, second] {
            try await intend(store, id)
            try await store.advance(id, to: .inconclusive, at: Sample.time(8), AttemptChange(reason: "never back"))
        }
        try await store.recordOverride(first, author: "kim", reason: "seen", at: Sample.time(9))
        #expect(try await machines(store) == ["b"])
        #expect(try await !holds(store, first))
        #expect(try await holds(store, second))
        // Its rollout goes on with other hosts; this one is free for the next.
        _ = try await attempt(store, "a")
    }

    @Test func `an override of an attempt under way frees slot and host at its end, not before`() async throws {
        let store = try Store.inMemory()
        for (name, end, held) in [("a", AttemptState.inconclusive, []), ("b", .failed, ["b"])] {
            let id = try await attempt(store, name)
            try await intend(store, id)
            try await store.recordOverride(id, author: "kim", reason: "seen", at: Sample.time(9))
            #expect(try await machines(store).contains(name))
            #expect(try await holds(store, id))
            try await store.advance(id, to: end, at: Sample.time(10), AttemptChange(reason: "over"))
            // A failure that is seen after the decision is newer than it.
            #expect(try await machines(store) == held)
            #expect(try await holds(store, id) == (end == .failed))
        }
        let id = try await attempt(store, "c")
        try await intend(store, id)
        try await store.recordOverride(id, author: "kim", reason: "seen", at: Sample.time(9))
        let rollout = try await store.attempt(id).rollout
        try await store.finishRollout(rollout, state: .halted, at: Sample.time(10))
        #expect(try await machines(store) == ["b"])
        #expect(try await !holds(store, id))
    }

    @Test func `agents take slots of the same table, and cannot touch those of hosts`() async throws {
        let store = try Store.inMemory()
        try await intend(store, try await attempt(store, "web1"))
        let agent = Slot(machine: "web1", holder: .agent(group: "web"), since: Sample.time(7))
        try await store.changeSlots { _ in (.take(agent), ()) }
        let slots = try await store.slots()
        #expect(slots.map(\.host?.text) == ["web1", nil] && slots.last == agent)
        let host = try #require(slots.first)
        try await store.changeSlots { _ in (.free(host), ()) }
        try await store.changeSlots { _ in (.free(agent), ()) }
        #expect(try await store.slots() == [host])
    }
}
