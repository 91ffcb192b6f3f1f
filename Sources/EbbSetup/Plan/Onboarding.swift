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

    package private(set) var events: [OnboardingEvent]

    /// Reads the state from the journal, oldest line first.
    package init(replaying events: [OnboardingEvent] = []) { self.events = events }

    /// Appends an event; the caller has made it durable.
    package mutating func append(_ event: OnboardingEvent) { events.append(event) }

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

    private func lastEvent(of step: OnboardingStep) -> OnboardingEvent? {
        events.last { event in
            switch event {
            case .intent(let one), .done(let one), .failed(let one, _), .undoIntent(let one), .undone(let one):
                one == step
            case .trialFound, .lossAccepted, .rollback: false
            }
        }
    }
}

/// What one line of the journal of a host's onboarding says; lines are only ever appended.
package enum OnboardingEvent: Hashable, Sendable {
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

extension OnboardingEvent: Codable {
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

/// The stages of moving a living host over, in their order.
package enum OnboardingStep: String, Sendable, Codable, CaseIterable {
    /// The declared datasets or subvolumes exist.
    case datasets
    /// Persistent storage is mounted, and the boot-time unit of the persistence set is installed.
    case persist
    /// Every declared path lives on persistent storage.
    case adopt
    /// The erase mechanism is installed for a trial: it checks and erases nothing.
    case install
    /// The blank is taken and its identity recorded.
    case blank
    /// The host booted once without erasing, and what it would have lost is known.
    case trial
    /// The erase mechanism erases from the next boot on.
    case arm
    /// A boot erased the root and kept everything declared.
    case prove

    /// What undoing it means, for a person.
    package var undoing: String {
        switch self {
        case .datasets: "datasets and subvolumes stay: Ebb destroys none"
        case .persist: "the boot-time unit is removed; the storage and what is on it stay"
        case .adopt: "every declared path goes back to the root, with its newest data"
        case .install: "the files of the erase mechanism are removed, the initramfs is rebuilt"
        case .blank: "the blank stays, and nothing goes back to it any more"
        case .trial: "nothing: the boot changed nothing"
        case .arm: "the erase mechanism is set back to trial"
        case .prove: "nothing: what a boot erased is gone"
        }
    }
}
