import EbbModel
import EbbPlan
package import EbbReport
package import EbbStore
package import FoundationEssentials

extension Store {
    /// One rollout, with the newest attempt at each of its hosts.
    ///
    /// Hosts that a schedule's plan withheld are reported when their window closes, not before.
    package func rolloutReport(_ id: RolloutID, countsWithheld: Bool = true, isInterrupted wasSignalled: Bool = false)
        async throws -> RolloutReport
    {
        let rollout = try await self.rollout(id)
        var newest: [HostName: StoredAttempt] = [:]
        for attempt in try await attempts(of: id) { newest[attempt.host] = attempt }
        var state = rollout.state.rawValue
        if rollout.state == .running, ControllerProcess.isRunning(rollout.controller) == false { state = "interrupted" }
        let isInterrupted = state == "interrupted"
        // A plan of an older Ebb may not be readable any more; the hosts' attempts still are.
        let plan = countsWithheld ? try? RebootPlan(text: rollout.plan) : nil
        let withheld = plan?.withheld ?? []
        return RolloutReport(
            id: id.value, pattern: rollout.pattern, state: state, startedAt: rollout.startedAt,
            endedAt: rollout.endedAt,
            hosts: rollout.hosts.compactMap { host in
                newest[host.host].map { RolloutReport.Host($0, isInterrupted: isInterrupted) }
            }, withheld: withheld.map { ($0.host, $0.reason) },
            exitStatus: RolloutExit.status(
                of: rollout.hosts.compactMap { host in
                    newest[host.host].map { ($0.state, $0.state.isFinal ? $0.reason : nil) }
                }, withheld: withheld.count, isInterrupted: wasSignalled))
    }
}

extension Store {
    /// Every slot that is held, with why and what ends it.
    package func heldSlots(at now: Date) async throws -> [HeldSlot] {
        var held: [HeldSlot] = []
        for slot in try await slots() {
            let age = max(0, now.timeIntervalSince(slot.since))
            guard let host = slot.host, let attempt = try await holder(host) else {
                held.append(
                    HeldSlot(
                        slot, age: age, reason: "agent", message: "an agent outside Ebb asked for it", rollout: nil,
                        ends: ["the agent's own request to /v1/steady-state"]))
                continue
            }
            let rollout = try await rollout(attempt.rollout)
            held.append(
                HeldSlot(
                    slot, age: age, reason: attempt.state.isFinal ? attempt.reason ?? "" : attempt.state.rawValue,
                    message: attempt.lastEvent.detail["message"] ?? attempt.lastEvent.detail["note"] ?? "",
                    rollout: rollout.id.value,
                    ends: Self.ends(of: attempt, host, rollout, open: try await openContent(of: host))))
        }
        return held
    }

    /// The attempt that holds a host's slot: the newest that may have told it to reboot.
    private func holder(_ host: HostName) async throws -> StoredAttempt? {
        try await attempts(of: host).first { attempt in
            switch attempt.state {
            case .planned, .preflight, .canaries, .skipped, .proven: false
            case .intent, .sent, .booted, .failed, .inconclusive: true
            }
        }
    }

    private static func ends(of attempt: StoredAttempt, _ host: HostName, _ rollout: StoredRollout, open: OpenContent)
        -> [String]
    {
        let number = rollout.id.value
        let byPerson = "`ebb reboot override \(number) \(host) --reason …`"
        guard attempt.state.isFinal else {
            return ControllerProcess.isRunning(rollout.controller) == true
                ? ["the end of rollout \(number), which runs"] : ["`ebb reboot resume \(number)`", byPerson]
        }
        if attempt.state == .inconclusive {
            let isJudged = !open.findings.isEmpty
            let once = isJudged ? "once its content is put back" : "which judges its boot once it is back"
            return ["`ebb reboot run \(host)`, \(once)", byPerson]
        }
        let proof = "`ebb reboot run \(host)`, once it is well"
        if open.isEmpty { return [proof + ": a proof frees it", byPerson] }
        return [proof + " and its content is put back or accepted: " + open.commands(on: host), byPerson]
    }
}

extension RolloutReport.Host {
    fileprivate init(_ attempt: StoredAttempt, isInterrupted: Bool) {
        var message = attempt.lastEvent.detail["message"] ?? attempt.lastEvent.detail["note"] ?? ""
        if isInterrupted, !attempt.state.isFinal { message = Self.standing(attempt.state) }
        if let override = attempt.override { message += " (overridden by \(override.author): \(override.reason))" }
        let isRunning = !attempt.state.isFinal
        self.init(
            host: attempt.host, wave: attempt.wave + 1, state: attempt.state, reason: isRunning ? nil : attempt.reason,
            message: message, bootBefore: attempt.bootIDBefore, bootAfter: attempt.bootIDAfter,
            verdict: attempt.verdict,
            duration: attempt.sentAt.map { .seconds(attempt.updatedAt.timeIntervalSince($0)) },
            updatedAt: attempt.updatedAt)
    }

    /// What is known of a host whose controller ended in the middle of its attempt.
    private static func standing(_ state: AttemptState) -> String {
        switch state {
        case .planned: "not touched: its turn had not come"
        case .preflight: "not touched: it was only being asked"
        case .canaries: "not told to reboot; canaries may have been left"
        case .intent: "may have been told to reboot; `ebb reboot resume` finds out"
        case .sent: "told to reboot; what became of it is not known, `ebb reboot resume` finds out"
        case .booted: "rebooted; not judged yet, `ebb reboot resume` does it"
        case .proven, .failed, .inconclusive, .skipped: state.rawValue
        }
    }
}
