import EbbModel
import FoundationEssentials

/// The controls about what is declared, and what would be lost.
extension ComplianceJudge {
    func persistenceVerified(_ facts: ComplianceFacts) -> ControlResult {
        judged(.persistenceVerified, facts) { _ in
            let findings = facts.declared
            if findings.isEmpty { return (.notApplicable, "Nothing is declared.") }
            func count(_ verdict: DeclaredFinding.Verdict) -> Int { findings.filter { $0.verdict == verdict }.count }
            let wrong = count(.leaked) + count(.missing) + count(.readOnly) + count(.wrongAttributes)
            let total = "of \(findings.count) declared paths"
            if wrong > 0, let first = findings.first(where: { $0.verdict != .inEffect && $0.verdict != .unknown }) {
                let path = PrintableText.path(first.entry.path.utf8)
                return (
                    .nonCompliant,
                    "\(wrong) \(total) \(wrong == 1 ? "is" : "are") not in effect, such as "
                        + "\(path) (\(first.verdict.rawValue))."
                )
            }
            let unknown = count(.unknown)
            if unknown > 0, let first = findings.first(where: { $0.verdict == .unknown }) {
                let path = PrintableText.path(first.entry.path.utf8)
                return (.unknown, "\(unknown) \(total) could not be checked, such as \(path): \(first.reason).")
            }
            return (.compliant, "All \(findings.count) declared paths are in effect.")
        }
    }

    func leakedState(_ facts: ComplianceFacts) -> ControlResult {
        judged(.leakedState, facts) { judgement in
            let leaked = facts.count(of: .leaked)
            if leaked > 0 {
                let first = facts.paths.first { $0.verdict == .leaked }
                let example = first.map { ", such as \($0.path.printable)" } ?? ""
                return (
                    .nonCompliant, "\(leaked) leaked \(leaked == 1 ? "path" : "paths") on the ephemeral root\(example)."
                )
            }
            return judgement.isComplete
                ? (.compliant, "No path leaked to the ephemeral root.")
                : (.unknown, "No leak was seen, but the newest observation is incomplete.")
        }
    }

    func unexplainedState(_ facts: ComplianceFacts) -> ControlResult {
        judged(.unexplainedState, facts) { judgement in
            let all = facts.atRisk.filter { $0.verdict == .unexplained }
            let total = all.map(\.count).clampedSum
            let overdue = all.filter { isOlder($0.firstSeen, than: policy.unexplainedGrace) }.map(\.count).clampedSum
            let grace = TimeSpan.text(policy.unexplainedGrace)
            if overdue > policy.unexplainedMax {
                return (
                    .nonCompliant,
                    "\(paths(overdue)) unexplained for more than \(grace); the policy tolerates "
                        + "\(policy.unexplainedMax)."
                )
            }
            guard judgement.isComplete else {
                return (.unknown, "The newest observation is incomplete, so there may be more.")
            }
            if total == 0 { return (.compliant, "Every changed path is accounted for.") }
            return (
                .compliant,
                "\(paths(total)) unexplained, \(overdue) of them for more than \(grace); the "
                    + "policy tolerates \(policy.unexplainedMax)."
            )
        }
    }

    /// Answers from the newest judgement; a good answer from old evidence is `stale`.
    private func judged(
        _ control: Control, _ facts: ComplianceFacts,
        _ answer: (ComplianceFacts.Observation) -> (ComplianceVerdict, String)
    ) -> ControlResult {
        guard let judgement = facts.judgement else {
            return ControlResult(control, .unknown, "Drift was never judged.")
        }
        let (verdict, sentence) = answer(judgement)
        return fresh(
            ControlResult(control, verdict, sentence, evidenceAt: judgement.at, evidence: [judgement.evidence]))
    }

    private func paths(_ count: Int) -> String { count == 1 ? "1 path is" : "\(count) paths are" }
}
