import EbbModel
import FoundationEssentials
import Testing

@testable import EbbStore

extension Store {
    /// Writes the whole journal of an attempt that ends well.
    func driveToProof(_ attempt: AttemptID, from old: BootID, to new: BootID, at: Date) async throws {
        try await advance(attempt, to: .preflight, at: at)
        try await advance(attempt, to: .canaries, at: at)
        try await advance(
            attempt, to: .intent, at: at, AttemptChange(bootIDBefore: old, deadline: at.addingTimeInterval(600)))
        try await advance(attempt, to: .sent, at: at, AttemptChange(sentAt: at), detail: ["answer": "acked"])
        try await note(attempt, at: at, detail: ["tcp": "up"])
        try await advance(attempt, to: .booted, at: at, AttemptChange(bootIDAfter: new))
        try await advance(
            attempt, to: .proven, at: at, AttemptChange(verdict: Sample.proven),
            parts: [EvidencePart(name: "proof", bytes: Array("gone".utf8))])
    }
}

@Suite struct JournalTests {
    private func rollout(_ store: Store, _ hosts: [HostName], at: Date = Sample.start) async throws -> RolloutID {
        try await store.beginRollout(
            pattern: "all", plan: #"{"waves":1}"#, planHash: "abc", controller: Sample.controller,
            hosts: hosts.map { RolloutHost(host: $0, wave: 0) }, at: at)
    }

    @Test func `an attempt's journal says each step, and its boot is proven`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let (old, new) = (try Sample.boot(1), try Sample.boot(2))
        let id = try await rollout(store, [host])
        let attempt = try #require(try await store.attempts(of: id).first)
        #expect(attempt.state == .planned)
        try await store.driveToProof(attempt.id, from: old, to: new, at: Sample.time(5))
        let events = try await store.events(of: attempt.id)
        #expect(events.map(\.state) == [.planned, .preflight, .canaries, .intent, .sent, .sent, .booted, .proven])
        #expect(events[4].detail == ["answer": "acked"])
        let done = try await store.attempt(attempt.id)
        #expect(done.verdict == Sample.proven)
        #expect(done.bootIDBefore == old && done.bootIDAfter == new)
        #expect(done.lastEvent.state == .proven)
        let boots = try await store.boots(of: host)
        let ordered = try #require(boots.first { $0.bootID == new })
        #expect(ordered.attempt == attempt.id)
        #expect(ordered.verdict == Sample.proven)
        #expect(boots.first { $0.bootID == old }?.verdict == nil)
        let proof = try await store.evidenceParts(done.lastEvent.evidence)
        #expect(proof.map(\.bytes) == [Array("gone".utf8)])
        #expect(try await store.verifyChain().faults == [])
    }

    @Test func `only the documented transitions are taken`() async throws {
        let path: [AttemptState: [AttemptState]] = [
            .planned: [], .preflight: [.preflight], .canaries: [.preflight, .canaries],
            .intent: [.preflight, .canaries, .intent], .sent: [.preflight, .canaries, .intent, .sent],
            .booted: [.preflight, .canaries, .intent, .sent, .booted],
            .proven: [.preflight, .canaries, .intent, .sent, .booted, .proven],
            .failed: [.preflight, .canaries, .intent, .failed],
            .inconclusive: [.preflight, .canaries, .intent, .inconclusive], .skipped: [.skipped],
        ]
        let change = AttemptChange(
            bootIDBefore: try Sample.boot(1), bootIDAfter: try Sample.boot(2), deadline: Sample.time(600),
            verdict: Sample.proven, reason: "said so")
        for (state, steps) in path {
            for next in AttemptState.allCases {
                let store = try Store.inMemory()
                let id = try await rollout(store, [try Sample.host()])
                let attempt = try #require(try await store.attempts(of: id).first).id
                for step in steps { try await store.advance(attempt, to: step, at: Sample.start, change) }
                if state.successors.contains(next) {
                    try await store.advance(attempt, to: next, at: Sample.start, change)
                    #expect(try await store.attempt(attempt).state == next)
                } else {
                    let error = await #expect(throws: StoreError.self) {
                        try await store.advance(attempt, to: next, at: Sample.start, change)
                    }
                    #expect(error?.code == .invalidTransition)
                    #expect(try await store.attempt(attempt).state == state)
                }
            }
        }
    }

    @Test func `the schema refuses a step without what the step rests on`() async throws {
        let store = try Store.inMemory()
        let id = try await rollout(store, [try Sample.host()])
        let attempt = try #require(try await store.attempts(of: id).first).id
        let old = try Sample.boot(1)
        func refuses(_ state: AttemptState, _ change: AttemptChange) async {
            let error = await #expect(throws: StoreError.self) {
                try await store.advance(attempt, to: state, at: Sample.start, change)
            }
            #expect(error?.code == .refused, "\(state)")
        }
        await refuses(.skipped, AttemptChange())
        try await store.advance(attempt, to: .preflight, at: Sample.start)
        try await store.advance(attempt, to: .canaries, at: Sample.start)
        await refuses(.intent, AttemptChange(bootIDBefore: old))
        await refuses(.intent, AttemptChange(deadline: Sample.time(60)))
        try await store.advance(
            attempt, to: .intent, at: Sample.start, AttemptChange(bootIDBefore: old, deadline: Sample.time(60)))
        try await store.advance(attempt, to: .sent, at: Sample.start)
        await refuses(.booted, AttemptChange())
        await refuses(.booted, AttemptChange(bootIDAfter: old))
        try await store.advance(attempt, to: .booted, at: Sample.start, AttemptChange(bootIDAfter: try Sample.boot(2)))
        await refuses(.proven, AttemptChange())
        let half = BootVerdict(erasure: .erased, retention: .unknown, reasons: [])
        await refuses(.proven, AttemptChange(verdict: half))
        await refuses(.failed, AttemptChange(verdict: half))
        #expect(try await store.attempt(attempt).state == .booted)
        #expect(try await store.verifyChain().faults == [])
    }

    @Test func `a host is in one rollout at a time, and the holder is named`() async throws {
        try await withScratchDirectory { scratch in
            let hosts = try ["a", "b", "c"].map { try HostName($0) }
            let first = try Store.open(scratch + "/ebb.sqlite")
            let second = try Store.open(scratch + "/ebb.sqlite")
            let held = try await rollout(first, Array(hosts[0...1]))
            let error = await #expect(throws: StoreError.self) { _ = try await rollout(second, Array(hosts[1...2])) }
            #expect(error?.code == .hostsBusy)
            #expect(error?.busy == [StoreError.BusyHost(host: hosts[1], rollout: held)])
            #expect(try await second.unfinishedRollouts().map(\.id) == [held])
            _ = try await rollout(second, [hosts[2]])
            try await first.finishRollout(held, state: .aborted, at: Sample.time(9), reason: "no")
            #expect(try await first.attempts(of: held).map(\.state) == [.skipped, .skipped])
            _ = try await rollout(second, Array(hosts[0...1]))
        }
    }

    @Test func `of many controllers that start at once exactly one gets the hosts`() async throws {
        try await withScratchDirectory { scratch in
            let host = try Sample.host()
            let stores = try (0..<6).map { _ in try Store.open(scratch + "/ebb.sqlite") }
            let won = await withTaskGroup(of: Bool.self) { group in
                for store in stores { group.addTask { (try? await rollout(store, [host])) != nil } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
        }
    }

    @Test func `an undecided host stays held until a person decides`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let id = try await rollout(store, [host])
        let attempt = try #require(try await store.attempts(of: id).first).id
        try await store.advance(attempt, to: .preflight, at: Sample.start)
        try await store.advance(attempt, to: .canaries, at: Sample.start)
        try await store.advance(
            attempt, to: .intent, at: Sample.start,
            AttemptChange(bootIDBefore: try Sample.boot(1), deadline: Sample.time(60)))
        try await store.advance(attempt, to: .inconclusive, at: Sample.time(60), AttemptChange(reason: "never back"))
        try await store.finishRollout(id, state: .halted, at: Sample.time(61))
        #expect(try await store.undecidedAttempts().map(\.id) == [attempt])
        let busy = await #expect(throws: StoreError.self) { _ = try await rollout(store, [host]) }
        #expect(busy?.code == .hostsBusy)
        try await store.recordOverride(attempt, author: "ops", reason: "seen it on the console", at: Sample.time(70))
        let decided = try await store.attempt(attempt)
        #expect(decided.state == .inconclusive)
        #expect(decided.override?.author == "ops")
        #expect(try await store.undecidedAttempts() == [])
        let again = try await rollout(store, [host], at: Sample.time(80))
        // What is proven needs nobody's decision.
        let proven = try #require(try await store.attempts(of: again).first).id
        for state in [AttemptState.preflight, .canaries] {
            try await store.advance(proven, to: state, at: Sample.time(81))
        }
        try await store.advance(
            proven, to: .intent, at: Sample.time(81),
            AttemptChange(bootIDBefore: try Sample.boot(1), deadline: Sample.time(160)))
        for state in [AttemptState.sent, .booted, .proven] {
            try await store.advance(
                proven, to: state, at: Sample.time(82),
                AttemptChange(
                    bootIDAfter: state == .booted ? Sample.boot(2) : nil,
                    verdict: state == .proven ? BootVerdict(erasure: .erased, retention: .kept, reasons: []) : nil))
        }
        let refused = await #expect(throws: StoreError.self) {
            try await store.recordOverride(proven, author: "ops", reason: "just so", at: Sample.time(90))
        }
        #expect(refused?.code == .invalidTransition)
    }

    @Test func `a controller that was taken over can write no more`() async throws {
        let store = try Store.inMemory()
        let id = try await rollout(store, [try Sample.host()])
        let attempt = try #require(try await store.attempts(of: id).first).id
        let other = ControllerIdentity(hostname: "other", pid: 1, startedAt: Sample.time(5), bootID: nil)
        #expect(try await store.takeOver(id, by: other, expectedFence: 1, at: Sample.time(5)) == 2)
        let error = await #expect(throws: StoreError.self) {
            try await store.advance(attempt, to: .preflight, at: Sample.time(6), fence: 1)
        }
        #expect(error?.code == .fenced)
        try await store.advance(attempt, to: .preflight, at: Sample.time(6), fence: 2)
        #expect(try await store.rollout(id).controller == other)
    }

    @Test func `a second attempt needs the first to be decided`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let id = try await rollout(store, [host])
        let first = try #require(try await store.attempts(of: id).first).id
        let early = await #expect(throws: StoreError.self) {
            _ = try await store.beginAttempt(rollout: id, host: host, at: Sample.start)
        }
        #expect(early?.code == .invalidTransition)
        try await store.advance(first, to: .skipped, at: Sample.start, AttemptChange(reason: "busy"))
        let second = try await store.beginAttempt(rollout: id, host: host, at: Sample.time(1))
        #expect(try await store.attempts(of: id).map(\.number) == [1, 2])
        #expect(try await store.attempts(of: host).map(\.id) == [second, first])
    }
}
