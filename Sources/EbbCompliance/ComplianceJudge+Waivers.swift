import EbbModel
import FoundationEssentials

extension ComplianceJudge {
    /// A waiver is in force through its whole last day, in UTC; one that cannot be read never is.
    func isInForce(_ waiver: Waiver) -> Bool {
        guard let day = CalendarDate(waiver.until) else { return false }
        return now.timeIntervalSince1970 < Double(day.daysSinceEpoch + 1) * 86_400
    }

    /// What is well stays so: a waiver covers findings and open questions, never Ebb's own failure.
    func applyWaiver(to result: ControlResult) -> ControlResult {
        guard result.verdict == .nonCompliant || result.verdict.isUndecided,
            let waiver = policy.waivers.first(where: {
                $0.control == result.control.rawValue && isInForce($0)
            })
        else { return result }
        return result.waived(by: waiver)
    }

    var waiverProblems: [String] {
        policy.waivers.compactMap { waiver in
            let name = PrintableText.line(waiver.control)
            if Control(rawValue: waiver.control) == nil {
                return "The waiver of \(name) names no control."
            }
            if CalendarDate(waiver.until) == nil {
                return "The waiver of \(name) has no readable end: it is not in force."
            }
            return isInForce(waiver) ? nil : "The waiver of \(name) ended with \(waiver.until)."
        }
    }
}
