import EbbInventory
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// The step `reboot`: a rolling reboot with proof, with what the playbook says beside the inventory.
extension Play {
    /// A check and a run are prepared alike: what one would refuse, the other does.
    func reboot(_ step: Playbook.Reboot, _ hosts: [HostSettings]) async throws -> (
        hosts: [PlayReport.Host], rollout: RolloutID?
    ) {
        var results: [HostName: PlayReport.Host] = [:]
        var going: [HostSettings] = []
        for settings in hosts.map(step.adjusting) {
            if let age = try await young(step, settings.host) {
                results[settings.host] = PlayReport.Host(settings.host, .skipped, age)
            } else {
                going.append(settings)
            }
        }
        let changed = going
        var rollout: RolloutID?
        while true {
            let plan = try await driver.replacing(changed).plan(going)
            for withheld in plan.withheld {
                // A host that was meant to be proven and is not: that is a finding.
                results[withheld.host] = PlayReport.Host(withheld.host, .failed, "withheld: \(withheld.reason)")
            }
            guard !plan.hosts.isEmpty else { break }
            if isCheck {
                for host in await rehearse(plan, going, step) { results[host.host] = host }
                break
            }
            do {
                let id = try await surroundings.rollout { driver in
                    try await driver.replacing(changed).start(
                        plan, pattern: plan.hosts.prefix(8).map(\.text).joined(separator: ":"),
                        acceptsLoss: step.acceptsLoss)
                }
                for host in try await ends(of: id) { results[host.host] = host }
                rollout = id
                break
            } catch let error as StoreError where error.code == .hostsBusy && !error.busy.isEmpty {
                // Hosts that another rollout holds keep nobody else back.
                for host in error.busy {
                    results[host.host] = PlayReport.Host(host.host, .failed, "rollout \(host.rollout.value) holds it")
                }
                let busy = Set(error.busy.map(\.host))
                going.removeAll { busy.contains($0.host) }
            }
        }
        return (hosts.compactMap { results[$0.host] }, rollout)
    }

    /// Why a host is left out for having been proven a short while ago.
    private func young(_ step: Playbook.Reboot, _ host: HostName) async throws -> String? {
        guard let limit = step.onlyIfOlderThan else { return nil }
        let proven = try await engine.store.boots(of: host, limit: 20).filter { $0.verdict?.isProven ?? false }
            .compactMap(\.judgedAt).max()
        guard let proven else { return nil }
        let age = Int(engine.clock.date().timeIntervalSince(proven))
        guard age < limit else { return nil }
        let words = TextDuration.text(.seconds(max(0, age)))
        return "proven \(words) ago, younger than \(TimeSpan.text(limit))"
    }

    /// Asks each host of the plan everything that is asked before a reboot, and reboots none.
    private func rehearse(_ plan: RebootPlan, _ hosts: [HostSettings], _ step: Playbook.Reboot) async -> [PlayReport
        .Host]
    {
        let waves = Dictionary(
            plan.waves.enumerated().flatMap { index, wave in wave.map { ($0, index + 1) } },
            uniquingKeysWith: { first, _ in first })
        return await judged(hosts.filter { waves[$0.host] != nil }) { settings throws(StoreError) in
            let objection = try await engine.preflight(
                settings, controller: ControllerProcess.machine(), acceptsLoss: step.acceptsLoss
            ).objection
            guard let objection else {
                return PlayReport.Host(
                    settings.host, .skipped, "would reboot in wave \(waves[settings.host] ?? 1); every gate lets it")
            }
            return PlayReport.Host(
                settings.host, Self.outcome(.skipped, objection.reason.rawValue),
                "would not reboot: \(objection.reason.rawValue), \(objection.message)")
        }
    }

    /// How each host of a rollout ended, from its newest attempt.
    private func ends(of rollout: RolloutID) async throws -> [PlayReport.Host] {
        var newest: [HostName: StoredAttempt] = [:]
        for attempt in try await engine.store.attempts(of: rollout) { newest[attempt.host] = attempt }
        return newest.values.map { attempt in
            let outcome = Self.outcome(attempt.state, attempt.reason)
            let detail = attempt.lastEvent.detail
            let message = detail["message"] ?? detail["note"] ?? ""
            let why = attempt.reason.map { "\($0): \(message)" } ?? message
            return PlayReport.Host(attempt.host, outcome, outcome == .changed ? message : why)
        }
    }

    private static func outcome(_ state: AttemptState, _ reason: String?) -> Outcome {
        switch state {
        case .proven: .changed
        case .failed: .failed
        case .skipped:
            switch reason.flatMap(AttemptReason.init(rawValue:)) {
            case .unreachable: .unreachable
            case .away: .skipped
            default: .failed
            }
        case .inconclusive, .planned, .preflight, .canaries, .intent, .sent, .booted: .indeterminate
        }
    }
}

extension Playbook.Reboot {
    /// A host's settings, with what the step says otherwise.
    fileprivate func adjusting(_ settings: HostSettings) -> HostSettings {
        var settings = settings
        if let waves { settings.reboot.waves = waves }
        if let maxUnavailable { settings.reboot.maxUnavailable = maxUnavailable }
        if let failureBudget { settings.reboot.failureBudget = failureBudget }
        if let soak { settings.reboot.soak = soak }
        return settings
    }
}
