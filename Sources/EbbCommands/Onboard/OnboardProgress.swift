import EbbEngine
import EbbModel
import EbbSetup

/// Tells each step on standard error.
struct OnboardProgress: Sendable {
    let notes: Notes

    func tell(_ report: OnboardingRunner.Report) {
        switch report {
        case .begins(let step, let undoing): notes.note(undoing ? "undo \(step.rawValue) …" : "\(step.rawValue) …")
        case .ended(let step, let undoing, let words):
            notes.note("\(undoing ? "undone: " : "")\(step.rawValue): \(words)")
        case .failed(let step, let undoing, let words):
            notes.problem("\(undoing ? "not undone: " : "")\(step.rawValue): \(words)")
        case .note(let words): notes.note("  \(words)")
        }
    }
}
