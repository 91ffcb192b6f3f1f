import EbbEngine
import EbbModel
import EbbReport
import EbbSetup

/// The plan of a host's move, as text or as a document.
struct OnboardView {
    let look: OnboardingLook
    let settings: HostSettings

    func show(as format: OutputFormat, _ output: ResultOutput) throws {
        switch format {
        case .json: try output.write(json)
        default: try output.write(text)
        }
    }

    var status: ExitStatus {
        guard let plan = look.plan, look.gaps.isEmpty else { return .incomplete }
        let isBlocked =
            plan.mechanism == nil || plan.datasets?.hasRefusals == true
            || plan.datasets?.findings.contains(where: \.blocksErasing) == true
        return isBlocked ? .findings : .success
    }

    var text: String {
        var text = look.plan?.text ?? "\(settings.host.text)\n"
        for gap in look.gaps { text += "unknown: \(gap.probe): \(PrintableText.line(gap.message))\n" }
        return text + "journal: \(Self.words(look.journal.machine))\n"
    }

    private var json: JSON {
        let plan = look.plan
        return [
            "schema": "ebb.onboard.plan/1", "host": .string(settings.host.text),
            "complete": .bool(plan != nil && look.gaps.isEmpty), "mechanism": .optional(plan?.mechanism?.rawValue),
            "offers": .array(
                plan?.offers.map { ["mechanism": .string($0.mechanism.rawValue), "obstacle": .optional($0.obstacle)] }
                    ?? []),
            "atRisk": .array(
                plan?.atRisk.map {
                    [
                        "path": .string($0.change.path.printable), "class": .string($0.stateClass.rawValue),
                        "verdict": .string($0.verdict.rawValue), "suggestion": .optional($0.suggestion),
                    ]
                } ?? []),
            "persistence": .array(
                plan?.persistence.map { ["path": .string($0.path), "mechanism": .string($0.mechanism.rawValue)] } ?? []),
            "datasets": .array(plan?.datasets?.items.map(\.json) ?? []),
            "findings": .array(plan?.datasets?.findings.map(\.json) ?? []),
            "steps": .array(
                OnboardingStep.allCases.map {
                    [
                        "step": .string($0.rawValue), "done": .bool(look.journal.machine.done.contains($0)),
                        "undoing": .string($0.undoing),
                    ]
                }), "gaps": .array(look.gaps.map(\.json)),
        ]
    }

    /// How far a move came, in one line.
    static func words(_ machine: Onboarding) -> String {
        if machine.events.isEmpty { return "nothing was begun" }
        let done = machine.done.map(\.rawValue).joined(separator: ", ")
        let steps = done.isEmpty ? "no step is done" : "done: \(done)"
        return switch machine.next {
        case .complete: "\(steps); the host is onboarded"
        case .rolledBack: "everything is undone"
        case .blocked(let reason): "\(steps); blocked: \(PrintableText.line(reason))"
        case .perform(let step): "\(steps); next: \(step.rawValue)"
        case .resume(let step): "\(steps); interrupted at: \(step.rawValue)"
        case .undo(let step): "\(steps); rolling back, next: \(step.rawValue)"
        }
    }
}

/// How a run of `apply` or `rollback` ended.
struct OnboardEndView {
    let host: HostName
    let end: OnboardingRunner.End
    let journal: OnboardingJournal

    func show(as format: OutputFormat, _ output: ResultOutput) throws {
        switch format {
        case .json:
            try output.write([
                "schema": "ebb.onboard/1", "host": .string(host.text), "end": .string(words.end),
                "changed": .bool(words.changed), "message": .optional(words.message),
                "done": .strings(journal.machine.done.map(\.rawValue)),
            ])
        default:
            let line = [words.end, words.message].compactMap { $0 }.joined(separator: ": ")
            try output.write(
                "\(host.text): \(PrintableText.line(line))\n" + "journal: \(OnboardView.words(journal.machine))\n")
        }
    }

    private var words: (end: String, changed: Bool, message: String?) {
        switch end {
        case .complete(true): ("onboarded", true, nil)
        case .complete(false): ("onboarded", false, "it was so already; nothing was changed")
        case .paused(let step): ("paused", true, "after \(step.rawValue), as asked")
        case .rolledBack(true): ("rolled-back", true, nil)
        case .rolledBack(false): ("rolled-back", false, "there was nothing to undo")
        case .blocked(let reason): ("blocked", true, reason)
        }
    }
}
