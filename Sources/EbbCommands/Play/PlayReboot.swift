import EbbEngine
import EbbInventory
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import EbbTransport
import FoundationEssentials

/// The step `reboot`: a rolling reboot with proof, with what the playbook says beside the inventory.
struct PlayReboot: Sendable {
    let fleet: Fleet
    let options: GlobalOptions
    let step: Playbook.Reboot
    let isCheck: Bool

    func run(
        _ hosts: [HostSettings]
    ) async throws -> (hosts: [PlayReport.Host], rollout: RolloutID?) {
        var rollout: RolloutID?
        let store = try await fleet.store()
        var results: [HostName: PlayReport.Host] = [:]
        var going: [HostSettings] = []
        for settings in hosts.map(adjusted) {
            if let age = try await young(settings.host, in: store) {
                results[settings.host] = PlayReport.Host(settings.host, .skipped, age)
            } else {
                going.append(settings)
            }
        }
        let fleet = self.fleet.replacing(going)
        while true {
            let plan = try await RebootPreparation(selected: going, all: fleet.all, store: store)
                .plan()
            for withheld in plan.withheld {
                // A host that was meant to be proven and is not: that is a finding.
                results[withheld.host] = PlayReport.Host(
                    withheld.host, .failed, "withheld: \(withheld.reason)")
            }
            if isCheck {
                for host in try await gates(plan, going, fleet) { results[host.host] = host }
                break
            }
            guard !plan.hosts.isEmpty else { break }
            do {
                let done = try await reboot(plan, fleet, store)
                for host in done.hosts { results[host.host] = host }
                rollout = done.rollout
                break
            } catch let error as StoreError where error.code == .hostsBusy && !error.busy.isEmpty {
                // Hosts that another rollout holds keep nobody else back.
                let busy = Set(error.busy.map(\.host))
                for host in error.busy {
                    results[host.host] = PlayReport.Host(
                        host.host, .failed, "rollout \(host.rollout.value) holds it")
                }
                going.removeAll { busy.contains($0.host) }
            }
        }
        return (hosts.compactMap { results[$0.host] }, rollout)
    }

    private func adjusted(_ settings: HostSettings) -> HostSettings {
        var settings = settings
        if let waves = step.waves { settings.reboot.waves = waves }
        if let count = step.maxUnavailable { settings.reboot.maxUnavailable = count }
        if let budget = step.failureBudget { settings.reboot.failureBudget = budget }
        if let soak = step.soak { settings.reboot.soak = soak }
        return settings
    }

    /// Why a host is left out for having been proven a short while ago.
    private func young(_ host: HostName, in store: Store) async throws -> String? {
        guard let limit = step.onlyIfOlderThan else { return nil }
        let proven = try await store.boots(of: host, limit: 20)
            .filter { $0.verdict?.isProven ?? false }.compactMap(\.judgedAt).max()
        guard let proven else { return nil }
        let age = Int(Date().timeIntervalSince(proven))
        guard age < limit else { return nil }
        let words = TextDuration.text(.seconds(max(0, age)))
        return "proven \(words) ago, younger than \(TimeSpan.text(limit))"
    }

    /// Asks each host of the plan everything that is asked before a reboot, and reboots none.
    private func gates(
        _ plan: RebootPlan, _ hosts: [HostSettings], _ fleet: Fleet
    ) async throws -> [PlayReport.Host] {
        let engine = try await fleet.engine()
        let waves = Dictionary(
            plan.waves.enumerated().flatMap { index, wave in wave.map { ($0, index + 1) } },
            uniquingKeysWith: { first, _ in first })
        let members = hosts.filter { waves[$0.host] != nil }
        let acceptsLoss = step.acceptsLoss
        let answers = await fanOut(over: members, limit: options.parallel) { settings in
            await Result { () async throws(StoreError) -> PlayReport.Host in
                let look = try await engine.observe(settings, kind: .preflight)
                if let error = look.transportError {
                    return PlayReport.Host(settings.host, .unreachable, error.message)
                }
                let gate = PreflightGate(
                    settings: settings, controller: ControllerProcess.machine(),
                    acceptsLoss: acceptsLoss)
                let end = gate.objection(
                    to: look.observation, declared: look.declared, entries: look.entries)
                if let end {
                    return PlayReport.Host(
                        settings.host, .failed,
                        "would not reboot: \(end.reason.rawValue), \(end.message)")
                }
                return PlayReport.Host(
                    settings.host, .skipped,
                    "would reboot in wave \(waves[settings.host] ?? 1); every gate lets it")
            }
        }
        return try answers.map { try $0.get() }
    }

    private func reboot(
        _ plan: RebootPlan, _ fleet: Fleet, _ store: Store
    ) async throws -> (hosts: [PlayReport.Host], rollout: RolloutID) {
        let text = try JSONText.encoded(plan)
        let members = plan.waves.enumerated().flatMap { index, wave in
            wave.map { RolloutHost(host: $0, wave: index) }
        }
        let rollout = try await store.beginRollout(
            pattern: plan.hosts.prefix(8).map(\.text).joined(separator: ":"), plan: text,
            planHash: Digest.sha256(text), controller: ControllerProcess.current(),
            hosts: members, at: Date())
        try await RolloutConduct(fleet: fleet, store: store, notes: options.notes).conduct(
            rollout, plan, acceptsLoss: step.acceptsLoss
        ) { try await $0.run(plan) }
        let hosts = try await RolloutView(store: store).report(rollout).hosts.map { host in
            let outcome: Outcome =
                switch host.state {
                case .proven: .changed
                case .failed: .failed
                case .skipped:
                    switch host.reason {
                    case AttemptReason.unreachable.rawValue: .unreachable
                    case AttemptReason.away.rawValue: .skipped
                    default: .failed
                    }
                case .inconclusive, .planned, .preflight, .canaries, .intent, .sent, .booted:
                    .indeterminate
                }
            let why = host.reason.map { "\($0): \(host.message)" } ?? host.message
            return PlayReport.Host(
                host.host, outcome, outcome == .changed ? host.message : why)
        }
        return (hosts, rollout)
    }
}
