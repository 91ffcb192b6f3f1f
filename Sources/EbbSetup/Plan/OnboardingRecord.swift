/// The journal of a host's onboarding; events are only ever appended.
package enum OnboardingRecord {
    /// What one line of the journal says.
    package enum Event: Hashable, Sendable {
        /// The step is about to be carried out; written before anything is sent.
        case intent(OnboardingStep)
        /// The step was carried out, and that was seen.
        case done(OnboardingStep)
        /// The step failed and can be tried again.
        case failed(OnboardingStep, String)
        /// What the trial boot would have lost.
        case trialFound(atRisk: Int, isComplete: Bool)
        /// A person agreed to lose what was found at risk; `losses` names exactly that, and is `nil` in
        /// journals of versions that did not write it down.
        case lossAccepted(by: String, losses: String?)
        /// From here on everything is undone.
        case rollback
        /// The step is about to be undone.
        case undoIntent(OnboardingStep)
        /// The step was undone.
        case undone(OnboardingStep)
    }
}

extension OnboardingRecord.Event: Codable {
    private enum Word: String, Codable {
        case intent, done, failed, trialFound, lossAccepted, rollback, undoIntent, undone
    }

    private enum Key: String, CodingKey { case event, step, message, atRisk, isComplete, by, losses }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        func step() throws -> OnboardingStep { try fields.decode(OnboardingStep.self, forKey: .step) }
        self =
            switch try fields.decode(Word.self, forKey: .event) {
            case .intent: .intent(try step())
            case .done: .done(try step())
            case .failed: .failed(try step(), try fields.decode(String.self, forKey: .message))
            case .trialFound:
                .trialFound(
                    atRisk: try fields.decode(Int.self, forKey: .atRisk),
                    isComplete: try fields.decode(Bool.self, forKey: .isComplete))
            case .lossAccepted:
                .lossAccepted(
                    by: try fields.decode(String.self, forKey: .by),
                    losses: try fields.decodeIfPresent(String.self, forKey: .losses))
            case .rollback: .rollback
            case .undoIntent: .undoIntent(try step())
            case .undone: .undone(try step())
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        func write(_ word: Word, _ step: OnboardingStep? = nil) throws {
            try fields.encode(word, forKey: .event)
            try fields.encodeIfPresent(step, forKey: .step)
        }
        switch self {
        case .intent(let step): try write(.intent, step)
        case .done(let step): try write(.done, step)
        case .failed(let step, let message):
            try write(.failed, step)
            try fields.encode(message, forKey: .message)
        case .trialFound(let atRisk, let isComplete):
            try write(.trialFound)
            try fields.encode(atRisk, forKey: .atRisk)
            try fields.encode(isComplete, forKey: .isComplete)
        case .lossAccepted(let by, let losses):
            try write(.lossAccepted)
            try fields.encode(by, forKey: .by)
            try fields.encodeIfPresent(losses, forKey: .losses)
        case .rollback: try write(.rollback)
        case .undoIntent(let step): try write(.undoIntent, step)
        case .undone(let step): try write(.undone, step)
        }
    }
}
