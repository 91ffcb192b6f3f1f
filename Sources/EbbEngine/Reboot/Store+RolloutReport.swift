import EbbModel
import EbbPlan
package import EbbReport
package import EbbStore
import FoundationEssentials

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
