package import FoundationEssentials

/// One line of the journal of a host's onboarding; lines are only ever appended.
package struct OnboardingRecord: Hashable, Sendable, Codable {
    /// What the line says.
    package enum Event: Hashable, Sendable, Codable {
        /// The step is about to be carried out; written before anything is sent.
        case intent(OnboardingStep)
        /// The step was carried out, and that was seen.
        case done(OnboardingStep)
        /// The step failed and can be tried again.
        case failed(OnboardingStep, String)
        /// What the trial boot would have lost.
        case trialFound(atRisk: Int, isComplete: Bool)
        /// From here on everything is undone.
        case rollback
        /// The step is about to be undone.
        case undoIntent(OnboardingStep)
        /// The step was undone.
        case undone(OnboardingStep)
    }

    package let at: Date
    package let event: Event

    package init(at: Date, event: Event) {
        self.at = at
        self.event = event
    }
}
