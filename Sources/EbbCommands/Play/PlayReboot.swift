import EbbEngine
import EbbInventory
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
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
            let plan = try await fleet.driver().plan(going)
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
        let waves = Dictionary(
            plan.waves.enumerated().flatMap { index, wave in wave.map { ($0, index + 1) } },
            uniquingKeysWith: { first, _ in first })
        let outlooks = try await fleet.driver().askedOutlooks(
            of: plan, acceptsLoss: step.acceptsLoss)
        return hosts.compactMap { settings in
            let host = settings.host
            switch outlooks[host]?.answer {
            case .wouldReboot?:
                return PlayReport.Host(
                    host, .skipped,
                    "would reboot in wave \(waves[host] ?? 1); every gate lets it")
            case .wouldNot(let end)?:
                if end.reason == .unreachable {
                    return PlayReport.Host(host, .unreachable, end.message)
                }
                return PlayReport.Host(
                    host, .failed, "would not reboot: \(end.reason.rawValue), \(end.message)")
            case .notKnown(let words)?: return PlayReport.Host(host, .indeterminate, words)
            case nil: return nil
            }
        }
    }

    private func reboot(
        _ plan: RebootPlan, _ fleet: Fleet, _ store: Store
    ) async throws -> (hosts: [PlayReport.Host], rollout: RolloutID) {
        let aborts = await Interrupts.trap(notes: options.notes)
        let rollout = try await RolloutWatcher.lend(fleet.settings, notes: options.notes) {
            watcher in
            try await fleet.driver(aborts: aborts, watcher).start(
                plan, pattern: plan.hosts.prefix(8).map(\.text).joined(separator: ":"),
                acceptsLoss: step.acceptsLoss)
        }
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
