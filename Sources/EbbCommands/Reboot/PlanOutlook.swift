import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import EbbTransport
import FoundationEssentials

/// What a person wants to know of a host before it is rebooted, beside its place in the plan.
struct PlanOutlook: Sendable {
    /// When a reboot of the host may be under way, the next five times; `nil`: at any time.
    let openings: [Opening]?
    /// How long a reboot of it takes, in seconds; so long before a window's end none is started.
    let estimate: Int
    /// What the newest look said it would lose; `nil` without one.
    let atRisk: AtRisk?
    /// Controls of its policy that a person waived, as far as the waivers hold now.
    let waivers: [Waiver]
    /// What every read-only gate says now; `nil` when nobody was asked.
    var answer: Answer?

    /// Paths that nobody accounted for, as they were stored.
    struct AtRisk: Sendable {
        let paths: Int
        let bytes: Int64
        let at: Date
    }

    /// What asking the host gave.
    enum Answer: Sendable {
        case wouldReboot
        case wouldNot(AttemptEnd)
    }

    /// What is known of the plan's hosts from the inventory and the database; asks no host.
    static func known(
        _ plan: RebootPlan, _ preparation: RebootPreparation
    ) async throws(StoreError) -> [HostName: PlanOutlook] {
        let members = Set(plan.hosts)
        var outlooks: [HostName: PlanOutlook] = [:]
        let gate = try await preparation.currentGate()
        for settings in preparation.selected where members.contains(settings.host) {
            let reboot = settings.reboot
            var openings: [Opening]?
            if !reboot.windows.isEmpty || !reboot.blackouts.isEmpty {
                openings = try? MaintenanceCalendar(
                    windows: reboot.windows, blackouts: reboot.blackouts
                ).openings(after: gate.now, count: 5)
            }
            let look = try await preparation.store.latestJudgement(of: settings.host)
            let atRisk = look?.judgement.map { judged in
                AtRisk(
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
    static func asked(
        _ plan: RebootPlan, _ fleet: Fleet, acceptsLoss: Bool, parallel: Int
    ) async throws -> [HostName: PlanOutlook] {
        let engine = try await fleet.engine()
        let members = Set(plan.hosts)
        let going = fleet.selected.filter { members.contains($0.host) }
        let answers = await fanOut(over: going, limit: parallel) { settings in
            await Result { () async throws(StoreError) -> Answer in
                let end = try await engine.preflight(
                    settings, controller: ControllerProcess.machine(), acceptsLoss: acceptsLoss
                ).objection
                return end.map { .wouldNot($0) } ?? .wouldReboot
            }
        }
        var outlooks = try await known(plan, RebootPreparation(fleet: fleet))
        for (settings, answer) in zip(going, answers) {
            outlooks[settings.host]?.answer = try answer.get()
        }
        return outlooks
    }
}
