import EbbModel
import FoundationEssentials

extension ComplianceJudge {
    /// What is well stays so: a waiver covers findings and open questions, never Ebb's own failure.
    func applyWaiver(to result: ControlResult) -> ControlResult {
        guard result.verdict == .nonCompliant || result.verdict.isUndecided,
            let waiver = policy.waivers.first(where: { $0.control == result.control && $0.holds(at: now) })
        else { return result }
        return result.waived(by: waiver)
    }

    var waiverProblems: [String] {
        policy.waivers.compactMap { waiver in
            let name = waiver.control.rawValue
            if waiver.endsAt == nil { return "The waiver of \(name) has no readable end: it is not in force." }
            return waiver.holds(at: now) ? nil : "The waiver of \(name) ended with \(waiver.until)."
        }
    }
}
