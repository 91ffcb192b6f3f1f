import EbbClassifier
package import EbbModel
package import EbbPlan
package import EbbStore
import FoundationEssentials

extension RolloutDriver {
    /// What is known of the plan's hosts from the inventory and the database; asks no host.
    package func outlooks(of plan: RebootPlan, acceptsLoss: Bool = false) async throws(StoreError) -> [HostName:
        PlanOutlook]
    {
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
            var outlook = PlanOutlook(
                openings: openings, estimate: gate.estimate(of: settings), atRisk: atRisk,
                waivers: settings.compliance.waivers.filter { $0.holds(at: gate.now) })
            outlook.outside = try await outside(settings.host, plan)
            outlook.answer = outlook.outside
            if outlook.answer == nil { outlook.answer = try await answer(on: settings, look, acceptsLoss: acceptsLoss) }
            outlooks[settings.host] = outlook
        }
        return outlooks
    }

    /// What stands against a reboot of the host, whatever it says itself.
    private func outside(_ host: HostName, _ plan: RebootPlan) async throws(StoreError) -> PlanOutlook.Answer? {
        if let holder = try await store.attempts(of: host, limit: 20).first(where: \.holdsHost) {
            let number = holder.rollout.value
            return .notKnown(
                "rollout \(number) still holds it: `ebb reboot resume \(number)` settles that, `ebb reboot override \(number) \(host) --reason …` frees it"
            )
        }
        if let limit = plan.limitSpent(for: host) {
            let down = plan.unavailable.filter { $0 != host && limit.members.contains($0) }.map(\.text)
            return .wouldNot(
                AttemptEnd(
                    .maxUnavailable,
                    "\(limit.group) allows \(limit.maxUnavailable) unavailable, and not known to be well "
                        + "are: \(down.joined(separator: ", "))"))
        }
        return nil
    }

    /// What stands against a reboot of the host, by what was observed of it last; `nil`: nothing that is known.
    private func answer(on settings: HostSettings, _ look: StoredObservation?, acceptsLoss: Bool)
        async throws(StoreError) -> PlanOutlook.Answer?
    {
        guard let look, let facts = look.observation?.facts else { return nil }
        let gate = PreflightGate(settings: settings, controller: ControllerProcess.machine(), acceptsLoss: acceptsLoss)
        let asked = Set(settings.persistenceSet(engine.catalogue).map(\.path))
        let end = gate.objection(
            toStored: facts, strategy: look.observation?.strategy,
            declared: (look.judgement?.declared ?? []).filter { asked.contains($0.entry.path) },
            open: try await store.openContent(of: settings.host).findings, losses: try await losses(of: settings))
        return end.map { .wouldNot($0.adding("as observed at \(UTCText.minute(look.observedAt))")) }
    }

    /// What the plan's hosts would lose that somebody has to agree to, by what was observed last.
    package func losses(of plan: RebootPlan) async throws(StoreError) -> [(host: HostName, losses: Losses)] {
        let members = Set(plan.hosts)
        var found: [(host: HostName, losses: Losses)] = []
        for settings in fleet where members.contains(settings.host) {
            let losses = try await losses(of: settings)
            if losses.needConsent { found.append((settings.host, losses)) }
        }
        return found
    }

    /// What one host would lose that somebody has to agree to, by what was observed last and is accepted today.
    private func losses(of settings: HostSettings) async throws(StoreError) -> Losses {
        var losses = Losses(settings: settings)
        let (accepted, today) = (AcceptedLosses(settings.accept), CalendarDate(utc: engine.clock.date()))
        let verdicts: Set<PathVerdict> = [.leaked, .unexplained, .accepted]
        var page = try await store.openDrift(of: settings.host, verdicts: verdicts, limit: 2_000)
        while !page.isEmpty {
            for interval in page {
                let entry = interval.entry.rejudged(by: accepted, on: today)
                let isCovered =
                    entry.verdict == .unexplained && interval.entry.verdict == .unexplained
                    && accepted.covering(entry.change.path, isSecret: entry.isSecret) { $0.isInForce(on: today) } != nil
                if !isCovered { losses.take(entry) }
            }
            page = try await store.openDrift(of: settings.host, verdicts: verdicts, after: page.last, limit: 2_000)
        }
        return losses
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
        for (host, end) in asked.done {
            guard var outlook = outlooks[host] else { continue }
            outlook.answer = end.map { .wouldNot($0) } ?? outlook.outside ?? .wouldReboot
            outlook.isAsked = true
            outlooks[host] = outlook
        }
        for (host, error) in asked.failed { outlooks[host]?.answer = .notKnown(error.description) }
        return outlooks
    }
}
