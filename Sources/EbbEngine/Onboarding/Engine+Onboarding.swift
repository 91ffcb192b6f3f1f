import EbbClassifier
package import EbbModel
import EbbProbe
package import EbbSetup
package import EbbStore
import EbbTransport

/// What moving a host over would mean, as far as it could be learned.
package struct OnboardingLook: Sendable {
    /// `nil` where the host could not be asked.
    package let plan: OnboardingPlan?
    /// What could not be learned.
    package let gaps: [ProbeGap]
    /// How far an earlier run came.
    package let journal: OnboardingJournal
}

extension Engine {
    /// Looks at a host and plans its move; changes nothing.
    package func planOnboarding(_ settings: HostSettings) async throws(StoreError) -> OnboardingLook {
        let settings = expanded(settings)
        let journal = try await OnboardingJournal.load(of: settings.host, from: store)
        // A root that is not erased yet has no blank to compare with, whatever is declared.
        let hasTrial = journal.machine.done.contains(.blank)
        var asked = settings
        if !hasTrial || settings.root?.strategy == .overlay { asked.root = RootSettings(strategy: .none) }
        if journal.machine.done.contains(.arm) { asked.root = settings.root }
        let look = try await observe(asked, kind: .baseline)
        if let error = look.transportError {
            return OnboardingLook(plan: nil, gaps: [ProbeGap(error)], journal: journal)
        }
        let survey: HostSurvey
        do throws(ProbeGap) { survey = try await self.survey(settings) } catch {
            return OnboardingLook(plan: nil, gaps: [error], journal: journal)
        }
        var gaps = look.observation.gaps.filter { $0.reason != .notConfigured }
        var datasets: DatasetPlan?
        if !settings.datasets.isEmpty {
            let look = try await planDatasets(settings)
            datasets = look.plan
            if let gap = look.gap { gaps.append(gap) }
        }
        let plan = OnboardingPlan(
            settings: settings, survey: survey, facts: look.observation.facts, datasets: datasets,
            drift: try look.entries(where: { _ in true }), isComplete: gaps.isEmpty)
        return OnboardingLook(plan: plan, gaps: gaps, journal: journal)
    }

    /// The mechanism that would erase a host as it is declared, asked in one round trip; `nil` where
    /// none is offered.
    package func eraseMechanism(for settings: HostSettings) async throws(ProbeGap) -> EraseMechanism? {
        let survey = try await survey(settings)
        let (observation, _) = try await glance(settings)
        return OnboardingPlan(
            settings: settings, survey: survey, facts: observation.facts, datasets: nil, drift: [], isComplete: false
        ).mechanism
    }

    private func survey(_ settings: HostSettings) async throws(ProbeGap) -> HostSurvey {
        let report: ProbeReport
        do throws(TransportError) { report = try await ask(settings, [HostSurvey.probe()]).report } catch {
            throw ProbeGap(error)
        }
        return try HostSurvey(parsing: try report.output(of: HostSurvey.probeName))
    }

    /// The facts and the declared paths of a host, without comparing its root with anything.
    func glance(_ settings: HostSettings) async throws(ProbeGap) -> (
        observation: Observation, declared: [DeclaredFinding]
    ) {
        let declared = expanded(settings).persistence
        let script = ObservationScript(settings: settings, declared: declared, includingDrift: false)
        let request = CommandRequest.script(script.bytes, timeout: limits.command).becoming(settings.connection.become)
        var parser = ObservationParser(script)
        do throws(TransportError) {
            let output = try await transport.withConnection(to: settings.connection, timeout: limits.connect) {
                connection throws(TransportError) in try await connection.run(request)
            }
            parser.feed(output.standardOutput)
        } catch { throw ProbeGap(error) }
        let observation = parser.finish(observedAt: clock.date())
        let findings = DeclaredJudge(settings: settings, mounts: observation.facts.mounts).findings(
            declared, states: observation.declared)
        return (observation, findings)
    }
}
