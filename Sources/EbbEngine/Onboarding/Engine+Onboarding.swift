package import EbbModel
package import EbbOnboarding
import EbbProbe
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
    package func planOnboarding(
        _ settings: HostSettings
    ) async throws(StoreError) -> OnboardingLook {
        let settings = expanded(settings)
        let journal = try await OnboardingJournal.load(of: settings.host, from: store)
        // A root that is not erased yet has no blank to compare with, whatever is declared.
        let hasTrial = journal.machine.done.contains(.blank)
        var asked = settings
        if !hasTrial || settings.root?.strategy == .overlay {
            asked.root = RootSettings(strategy: .none)
        }
        if journal.machine.done.contains(.arm) { asked.root = settings.root }
        let look = try await observe(asked, kind: .baseline)
        if let error = look.transportError {
            return OnboardingLook(plan: nil, gaps: [ProbeGap(error)], journal: journal)
        }
        let survey: HostSurvey
        do throws(TransportError) {
            let report = try await ask(settings, [HostSurvey.probe()]).report
            do throws(ProbeGap) {
                survey = try HostSurvey(parsing: try report.output(of: HostSurvey.probeName))
            } catch {
                return OnboardingLook(plan: nil, gaps: [error], journal: journal)
            }
        } catch {
            return OnboardingLook(plan: nil, gaps: [ProbeGap(error)], journal: journal)
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
            drift: look.entries, isComplete: gaps.isEmpty)
        return OnboardingLook(plan: plan, gaps: gaps, journal: journal)
    }
}
