package import EbbModel
package import EbbPlan
package import EbbStore
import FoundationEssentials

/// The one way to rollouts: plans them, starts them, resumes them, ends them, and finds out what became
/// of those that nobody saw to their end.
package struct RolloutDriver: Sendable {
    package let engine: Engine
    /// Every host of the inventory, with the settings that hold for these rollouts.
    package let fleet: [HostSettings]
    /// Asks every rollout of this process to start nothing more.
    package let aborts: AbortSwitch
    /// The rollouts that this process runs now.
    package let held: HeldRollouts
    /// Told of everything that happens, whichever rollout it happens in.
    package let tell: @Sendable (RolloutEvent) -> Void

    package init(
        engine: Engine, fleet: [HostSettings], aborts: AbortSwitch = AbortSwitch(), held: HeldRollouts = HeldRollouts(),
        tell: @escaping @Sendable (RolloutEvent) -> Void
    ) {
        var engine = engine
        engine.store = engine.store.waiting { tries in
            if tries == 1 { tell(.databaseBusy) }
            return tries < Self.patience
        }
        (self.engine, self.fleet, self.aborts, self.held, self.tell) = (engine, fleet, aborts, held, tell)
    }

    /// How many busy timeouts (of ten seconds) a step of a rollout waits for the database.
    private static let patience = 30

    package var store: Store { engine.store }

    /// The same driver, with other settings for some hosts.
    package func replacing(_ changed: [HostSettings]) -> RolloutDriver {
        let byName = Dictionary(changed.map { ($0.host, $0) }, uniquingKeysWith: { first, _ in first })
        return RolloutDriver(
            engine: engine, fleet: fleet.map { byName[$0.host] ?? $0 }, aborts: aborts, held: held, tell: tell)
    }

    /// The same driver, with somebody else to tell.
    package func telling(_ tell: @escaping @Sendable (RolloutEvent) -> Void) -> RolloutDriver {
        RolloutDriver(engine: engine, fleet: fleet, aborts: aborts, held: held, tell: tell)
    }

    /// What a plan for these hosts is made of, as the database stands now.
    package func preparation(_ selected: [HostSettings]) -> RebootPreparation {
        RebootPreparation(selected: selected, all: fleet, store: store, clock: engine.clock)
    }

    /// The plan for these hosts, as the database stands now.
    package func plan(_ selected: [HostSettings]) async throws(StoreError) -> RebootPlan {
        try await preparation(selected).plan()
    }

    /// Takes the plan's hosts and runs the rollout to its end.
    ///
    /// Throws `hostsBusy` where another rollout holds one of them; then nothing was started.
    package func start(_ plan: RebootPlan, pattern: String, acceptsLoss: Bool) async throws -> RolloutID {
        try aborts.check()
        let text = try plan.text()
        let rollout = try await store.beginRollout(
            pattern: pattern, plan: text, planHash: Digest.sha256(text), controller: ControllerProcess.current(),
            hosts: plan.members, at: engine.clock.date())
        try await run(rollout, plan, acceptsLoss: acceptsLoss)
        return rollout
    }

    /// Takes windows of schedules together with the rollout in them, and runs it to its end.
    ///
    /// `nil`: somebody else took one of the windows meanwhile; nothing was started.
    package func start(_ plan: RebootPlan, pattern: String, in slots: [ScheduleSlot]) async throws -> RolloutID? {
        try aborts.check()
        let text = try plan.text()
        let rollout = try await store.beginRollout(
            in: slots, pattern: pattern, plan: text, planHash: Digest.sha256(text),
            controller: ControllerProcess.current(), hosts: plan.members, at: engine.clock.date())
        guard let rollout else { return nil }
        try await run(rollout, plan, acceptsLoss: false)
        return rollout
    }

    /// Takes a rollout over whose process has ended, and runs it to its end; where nothing more is
    /// started, only to learn what became of its hosts.
    package func resume(_ stored: StoredRollout, acceptsLoss: Bool = false, startingMore: Bool = true) async throws {
        try aborts.check()
        let fence = try await store.takeOver(
            stored.id, by: ControllerProcess.current(), expectedFence: stored.fence, at: engine.clock.date())
        let plan = try RebootPlan(text: stored.plan)
        try await closeUnaskable(stored.id, fence: fence)
        let (ended, ongoing) = try await JournalReading(store: store, rollout: stored.id).read()
        tell(
            .resumed(
                stored.id, ended: ended.count, ongoing: ongoing.count,
                left: plan.hosts.count - ended.count - ongoing.count, startsMore: startingMore))
        try await run(
            stored.id, plan, acceptsLoss: acceptsLoss, fence: fence, ended: ended, ongoing: ongoing,
            startingMore: startingMore)
    }

    /// Runs a rollout in this process.
    private func run(
        _ rollout: RolloutID, _ plan: RebootPlan, acceptsLoss: Bool, fence: Int = 1,
        ended: [HostName: AttemptReason] = [:], ongoing: [RolloutRunner.Ongoing] = [], startingMore: Bool = true
    ) async throws {
        held.insert(rollout)
        defer { held.remove(rollout) }
        let members = Set(plan.hosts)
        let usual = try await RebootTimes.usual(fleet.filter { members.contains($0.host) }, in: store)
        let stored = try await store.rollout(rollout)
        let preparation = preparation([])
        let runner = RolloutRunner(
            engine: engine, rollout: rollout, turns: try await turns(rollout), controller: ControllerProcess.machine(),
            acceptsLoss: acceptsLoss, fence: fence, budgets: GroupBudgets(fleet: fleet),
            lease: RolloutLease.text(stored),
            mayGo: { settings throws(StoreError) in try await preparation.reasonToWithhold(settings) },
            aborts: abortRequests(of: rollout), tell: tell)
        tell(.began(RolloutStart(rollout: rollout, plan: plan, ended: ended, usual: usual, isResumed: fence > 1)))
        do throws(StoreError) {
            if fence == 1 {
                _ = try await runner.run(plan)
            } else {
                _ = try await runner.resume(plan, ended: ended, ongoing: ongoing, startingMore: startingMore)
            }
        } catch {
            if error.code == .fenced { throw error }
            throw Failure(
                .toolFailure, "rollout \(rollout.value) stopped: the database failed",
                hint: "once the database works again, `ebb reboot resume \(rollout.value)` finds "
                    + "out how its hosts stand", cause: error)
        }
    }

    /// The newest attempt at each host of the rollout, with the host's settings; none for a host that
    /// has left the inventory.
    private func turns(_ rollout: RolloutID) async throws(StoreError) -> [HostName: RolloutRunner.Turn] {
        var turns: [HostName: RolloutRunner.Turn] = [:]
        for attempt in try await store.attempts(of: rollout) {
            turns[attempt.host] = known[attempt.host].map { RolloutRunner.Turn(settings: $0, attempt: attempt.id) }
        }
        return turns
    }

    private var known: [HostName: HostSettings] {
        Dictionary(fleet.map { ($0.host, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Ends the attempts at hosts that nobody here can ask any more, or need not: hosts that have left
    /// the inventory, and those for which a person decided.
    ///
    /// What may have been told to reboot is inconclusive: it holds its slot until a person decides.
    private func closeUnaskable(_ rollout: RolloutID, fence: Int) async throws(StoreError) {
        let known = known
        var newest: [HostName: StoredAttempt] = [:]
        for attempt in try await store.attempts(of: rollout) { newest[attempt.host] = attempt }
        for (host, attempt) in newest where !attempt.state.isFinal {
            let words: String
            if let override = attempt.override {
                words = "\(override.author) decided about it: \(override.reason)"
            } else if known[host] == nil {
                words = "it is no longer in the inventory, so nobody can ask it"
            } else {
                continue
            }
            let end = AttemptEnd(attempt.state.mayHaveRebooted ? .evidenceIncomplete : .aborted, words)
            try await store.advance(
                attempt.id, to: end.reason.state, at: engine.clock.date(), AttemptChange(reason: end.reason.rawValue),
                detail: ["message": words], fence: fence)
            tell(.ended(host, end))
        }
    }

    /// One element for each reason to start nothing more: the switch, or a wish in the database.
    private func abortRequests(of rollout: RolloutID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let signals = aborts.stream()
        let listening = Task { for await _ in signals { continuation.yield() } }
        let asking = Task {
            while !Task.isCancelled {
                if let wish = try? await store.abortRequest(of: rollout) {
                    tell(.abortRequested(wish))
                    continuation.yield()
                    return
                }
                // The clock of people, not of the rollout: how often their wish is asked for.
                try? await Task.sleep(for: .seconds(1))
            }
        }
        continuation.onTermination = { _ in
            listening.cancel()
            asking.cancel()
        }
        return stream
    }
}

extension RebootPlan {
    /// The plan's hosts as the store keeps them.
    var members: [RolloutHost] {
        waves.enumerated().flatMap { index, wave in wave.map { RolloutHost(host: $0, wave: index) } }
    }

    /// What names the plan: what `--hash` must say where many hosts are rebooted unasked.
    package func hash() throws -> String { String(Digest.sha256(try text()).prefix(12)) }
}

/// Gathers what a plan needs: the selected hosts, which hosts are not known to be well, and what
/// forbids a reboot now.
package struct RebootPreparation: Sendable {
    package let selected: [HostSettings]
    let all: [HostSettings]
    let store: Store
    let clock: EngineClock

    /// The plan for the selected hosts, as the database stands now.
    package func plan() async throws(StoreError) -> RebootPlan {
        let gate = try await gate()
        let slots = try await store.slots()
        return RebootPlanner(
            selected: selected, fleet: all, unavailable: Set(slots.compactMap(\.host)), slots: slots,
            machines: try await store.machines(), blocked: try await blocked(selected, gate)
        ).plan()
    }

    /// Why this host must not be rebooted at this moment; `nil` when it may.
    func reasonToWithhold(_ settings: HostSettings) async throws(StoreError) -> String? {
        try await blocked([settings], gate())[settings.host]
    }

    /// What the gate says, whether another name of the machine is down, and whether agents outside Ebb
    /// (FleetLock) leave room.
    private func blocked(_ hosts: [HostSettings], _ gate: RebootGate) async throws(StoreError) -> [HostName: String] {
        var blocked = gate.blocked(hosts)
        let slots = try await store.slots()
        let machines = try await store.machines()
        let budgets = GroupBudgets(fleet: all)
        let hasAgents = slots.contains { $0.host == nil }
        for settings in hosts {
            let reasons = [
                blocked[settings.host],
                machines.refusal(of: settings.host, among: slots, known: budgets.hosts.contains),
                hasAgents ? budgets.refusal(of: settings, among: slots, where: { $0.host == nil }) : nil,
            ].compactMap(\.self)
            if !reasons.isEmpty { blocked[settings.host] = reasons.joined(separator: "; ") }
        }
        return blocked
    }

    /// What stands against reboots at this moment.
    func currentGate() async throws(StoreError) -> RebootGate { try await gate() }

    private func gate() async throws(StoreError) -> RebootGate {
        // Under whichever of its names a machine is down, it is down under all.
        let unavailable = Set(try await store.slots().flatMap(\.names))
        var durations: [HostName: [Int]] = [:]
        for settings in all {
            let attempts = try await store.attempts(of: settings.host, limit: 50)
            durations[settings.host] = attempts.filter { $0.state == .proven }.map {
                Int($0.updatedAt.timeIntervalSince($0.sentAt ?? $0.createdAt))
            }
        }
        let now = clock.date()
        let flags = try await store.stopFlags().filter { $0.isInForce(at: now) }.map(\.flag)
        return RebootGate(now: now, fleet: all, flags: flags, unavailable: unavailable, durations: durations)
    }
}
