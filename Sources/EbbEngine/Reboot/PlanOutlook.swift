package import EbbModel
package import EbbPlan
package import EbbStore
import EbbTransport
package import FoundationEssentials

/// What a person wants to know of a host before it is rebooted, beside its place in the plan.
package struct PlanOutlook: Sendable {
    /// When a reboot of the host may be under way, the next five times; `nil`: at any time.
    package let openings: [Opening]?
    /// How long a reboot of it takes, in seconds; so long before a window's end none is started.
    package let estimate: Int
    /// What the newest look said it would lose; `nil` without one.
    package let atRisk: AtRisk?
    /// Controls of its policy that a person waived, as far as the waivers hold now.
    package let waivers: [Waiver]
    /// What every read-only gate says now; `nil` when nobody was asked.
    package var answer: Answer?

    /// Paths that nobody accounted for, as they were stored.
    package struct AtRisk: Sendable {
        package let paths: Int
        package let bytes: Int64
        package let at: Date
    }

    /// What asking the host gave.
    package enum Answer: Sendable {
        case wouldReboot
        case wouldNot(AttemptEnd)
        /// What it answered could not be stored, so nothing was judged.
        case notKnown(String)
    }
}

extension RolloutDriver {
    /// What is known of the plan's hosts from the inventory and the database; asks no host.
    package func outlooks(
        of plan: RebootPlan
    ) async throws(StoreError) -> [HostName: PlanOutlook] {
        let members = Set(plan.hosts)
        var outlooks: [HostName: PlanOutlook] = [:]
        let gate = try await preparation([]).currentGate()
        for settings in fleet where members.contains(settings.host) {
            let reboot = settings.reboot
            var openings: [Opening]?
            if !reboot.windows.isEmpty || !reboot.blackouts.isEmpty {
                openings = try? MaintenanceCalendar(
                    windows: reboot.windows, blackouts: reboot.blackouts
                ).openings(after: gate.now, count: 5)
            }
            let look = try await store.latestJudgement(of: settings.host)
            let atRisk = look?.judgement.map { judged in
                PlanOutlook.AtRisk(
                    paths: judged.counts.count(of: .unexplained) + judged.counts.count(of: .leaked),
                    bytes: judged.counts.bytes(of: .unexplained)
                        + judged.counts.bytes(of: .leaked),
                    at: look?.observedAt ?? gate.now)
            }
            outlooks[settings.host] = PlanOutlook(
                openings: openings, estimate: gate.estimate(of: settings), atRisk: atRisk,
                waivers: settings.compliance.waivers.filter { $0.holds(at: gate.now) })
        }
        return outlooks
    }

    /// Connects to every host of the plan and runs every gate that only reads.
    package func askedOutlooks(
        of plan: RebootPlan, acceptsLoss: Bool
    ) async throws(StoreError) -> [HostName: PlanOutlook] {
        let members = Set(plan.hosts)
        let going = fleet.filter { members.contains($0.host) }
        let asked = try await engine.each(going) { settings throws(StoreError) in
            let end = try await engine.preflight(
                settings, controller: ControllerProcess.machine(), acceptsLoss: acceptsLoss
            ).objection
            return (settings.host, end)
        }
        var outlooks = try await outlooks(of: plan)
        for (host, end) in asked.done {
            outlooks[host]?.answer = end.map { .wouldNot($0) } ?? .wouldReboot
        }
        for (host, error) in asked.failed {
            outlooks[host]?.answer = .notKnown(error.description)
        }
        return outlooks
    }
}
