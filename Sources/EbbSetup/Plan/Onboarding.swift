/// Decides what comes next in moving one host over; performs nothing itself.
///
/// The whole state follows from the journal. The caller appends an event, makes it durable, and
/// only then carries out what `next` says, so that a crash at any point is continued by reading the
/// journal again. Every step can be carried out twice.
package struct Onboarding: Hashable, Sendable {
    /// What the caller does next.
    package enum Action: Hashable, Sendable {
        /// Record the intent, carry the step out, record how it ended.
        case perform(OnboardingStep)
        /// The intent is on record and the end is not: look whether the host is there yet, and
        /// carry the step out again where it is not.
        case resume(OnboardingStep)
        /// Record the intent to undo, undo the step, record that.
        case undo(OnboardingStep)
        /// A person must decide or mend something first.
        case blocked(String)
        /// The host is onboarded.
        case complete
        /// Everything is undone.
        case rolledBack
    }

    package private(set) var events: [OnboardingRecord.Event]

    /// Reads the state from the journal, oldest line first.
    package init(replaying events: [OnboardingRecord.Event] = []) { self.events = events }

    /// Appends an event; the caller has made it durable.
    package mutating func append(_ event: OnboardingRecord.Event) { events.append(event) }

    /// The steps that are done and not undone.
    package var done: [OnboardingStep] {
        OnboardingStep.allCases.filter { step in
            let last = events.last { event in
                switch event {
                case .done(step), .undone(step): true
                default: false
                }
            }
            return last == .done(step)
        }
    }

    /// Whether a rollback was ordered.
    package var isRollingBack: Bool { events.contains(.rollback) }

    /// What comes next; the same for the same journal.
    package var next: Action {
        if isRollingBack { return nextUndo }
        let done = Set(done)
        guard let step = OnboardingStep.allCases.first(where: { !done.contains($0) }) else { return .complete }
        if step == .arm, let obstacle = trialObstacle { return .blocked(obstacle) }
        switch lastEvent(of: step) {
        case .failed(_, let message): return .blocked("\(step.rawValue) failed: \(message)")
        case .intent: return .resume(step)
        default: return .perform(step)
        }
    }

    /// What comes next when a person has mended what made the last step fail.
    package var nextAfterMending: Action {
        guard case .blocked = next, !isRollingBack else { return next }
        let done = Set(done)
        let step = OnboardingStep.allCases.first { !done.contains($0) }
        if step == .arm, trialObstacle != nil { return next }
        return step.map { .resume($0) } ?? .complete
    }

    /// Erasing is armed only when a whole trial showed that nothing unaccounted for would be lost.
    private var trialObstacle: String? {
        let found = events.last { if case .trialFound = $0 { true } else { false } }
        guard case .trialFound(let atRisk, let isComplete)? = found else {
            return "the trial boot's drift was not collected"
        }
        if !isComplete { return "the trial boot's drift is incomplete: what is lost is not known" }
        if atRisk > 0, !isLossAccepted {
            return "\(atRisk) paths would be lost that nobody accounted for: declare or accept them"
        }
        return nil
    }

    /// Whether a person agreed to lose what the newest observation found.
    private var isLossAccepted: Bool {
        let last = events.last { event in
            switch event {
            case .trialFound, .lossAccepted: true
            default: false
            }
        }
        if case .lossAccepted = last { return true }
        return false
    }

    /// Whether nothing but the trial's drift keeps the host from being armed: looking again may
    /// help, now that paths were declared or accepted.
    package var needsAnotherLook: Bool {
        guard !isRollingBack, trialObstacle != nil else { return false }
        return OnboardingStep.allCases.first { !Set(done).contains($0) } == .arm
    }

    /// In reverse order: whatever was begun is undone, whether it is known to have ended or not.
    private var nextUndo: Action {
        for step in OnboardingStep.allCases.reversed() {
            switch lastEvent(of: step) {
            case nil, .undone: continue
            default: return .undo(step)
            }
        }
        return .rolledBack
    }

    private func lastEvent(of step: OnboardingStep) -> OnboardingRecord.Event? {
        events.last { event in
            switch event {
            case .intent(let one), .done(let one), .failed(let one, _), .undoIntent(let one), .undone(let one):
                one == step
            case .trialFound, .lossAccepted, .rollback: false
            }
        }
    }
}
