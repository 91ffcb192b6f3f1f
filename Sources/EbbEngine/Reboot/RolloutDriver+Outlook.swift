package import EbbModel
package import EbbPlan
package import EbbStore
import FoundationEssentials

extension RolloutDriver {
    /// What is known of the plan's hosts from the inventory and the database; asks no host.
    package func outlooks(of plan: RebootPlan) async throws(StoreError) -> [HostName: PlanOutlook] {
        let members = Set(plan.hosts)
        var outlooks: [HostName: PlanOutlook] = [:]
        let gate = try await preparation([]).currentGate()
        for settings in fleet where members.contains(settings.host) {
            let reboot = settings.reboot
            var openings: [Opening]?
            if !reboot.windows.isEmpty || !reboot.blackouts.isEmpty {
                openings = try? MaintenanceCalendar(windows: reboot.windows, blackouts: reboot.blackouts).openings(
                    after: gate.now, count: 5)
            }
            // An observation that did not reach the host says nothing of what it would lose.
            let look = try await store.latestSighting(of: settings.host)
            let atRisk = look?.judgement.map { judged in
                PlanOutlook.AtRisk(
                    paths: judged.counts.count(of: .unexplained) + judged.counts.count(of: .leaked),
                    bytes: judged.counts.bytes(of: .unexplained) + judged.counts.bytes(of: .leaked),
                    at: look?.observedAt ?? gate.now)
            }
            outlooks[settings.host] = PlanOutlook(
                openings: openings, estimate: gate.estimate(of: settings), atRisk: atRisk,
                waivers: settings.compliance.waivers.filter { $0.holds(at: gate.now) })
        }
        return outlooks
    }

    /// What the plan's hosts would lose that somebody has to agree to, by what was observed last.
    package func losses(of plan: RebootPlan) async throws(StoreError) -> [(host: HostName, losses: Losses)] {
        let members = Set(plan.hosts)
        var found: [(host: HostName, losses: Losses)] = []
        for settings in fleet where members.contains(settings.host) {
            var losses = Losses(settings: settings)
            var page = try await store.openDrift(of: settings.host, verdicts: [.leaked, .unexplained], limit: 2_000)
            while !page.isEmpty {
                for interval in page { losses.take(interval.entry) }
                page = try await store.openDrift(
                    of: settings.host, verdicts: [.leaked, .unexplained], after: page.last, limit: 2_000)
            }
            if losses.needConsent { found.append((settings.host, losses)) }
        }
        return found
    }

    /// Connects to every host of the plan and runs every gate that only reads.
    package func askedOutlooks(of plan: RebootPlan, acceptsLoss: Bool) async throws(StoreError) -> [HostName:
        PlanOutlook]
    {
        let members = Set(plan.hosts)
        let going = fleet.filter { members.contains($0.host) }
        let asked = try await engine.each(going) { settings throws(StoreError) in
            let end = try await engine.preflight(
                settings, controller: ControllerProcess.machine(), acceptsLoss: acceptsLoss
            ).objection
            return (settings.host, end)
        }
        var outlooks = try await outlooks(of: plan)
        for (host, end) in asked.done { outlooks[host]?.answer = end.map { .wouldNot($0) } ?? .wouldReboot }
        for (host, error) in asked.failed { outlooks[host]?.answer = .notKnown(error.description) }
        return outlooks
    }
}
