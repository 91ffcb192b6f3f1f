import EbbModel
import FoundationEssentials

/// The controls about boots and what they go back to.
extension ComplianceJudge {
    func lastBoot(_ facts: ComplianceFacts) -> ControlResult {
        if let exempt = notEphemeral(.lastBoot) { return exempt }
        guard let boot = facts.lastBoot else { return ControlResult(.lastBoot, .unknown, "No boot was ever seen.") }
        let evidence = boot.evidence.map { [$0] } ?? []
        guard let verdict = boot.verdict, let judgedAt = boot.judgedAt else {
            return ControlResult(
                .lastBoot, .unknown, "The boot first seen \(age(boot.firstSeen)) ago was not judged.",
                evidenceAt: boot.firstSeen)
        }
        func result(_ answer: ComplianceVerdict, _ sentence: String) -> ControlResult {
            ControlResult(.lastBoot, answer, sentence, evidenceAt: judgedAt, evidence: evidence)
        }
        switch (verdict.erasure, verdict.retention) {
        case (.erased, .kept): return result(.compliant, "The last boot erased the root and kept what is declared.")
        case (.erased, .notApplicable):
            return result(.compliant, "The last boot erased the root; the host keeps nothing, by its inventory.")
        case (.notErased, .leaked), (.notErased, .lost):
            return result(.nonCompliant, "The last boot did not erase the root, and lost declared state.")
        case (.notErased, .kept), (.notErased, .notApplicable), (.notErased, .unknown):
            return result(.nonCompliant, "The last boot did not erase the root.")
        case (_, .leaked), (_, .lost): return result(.nonCompliant, "The last boot lost declared state.")
        case (.unknown, .kept), (.unknown, .notApplicable), (.unknown, .unknown):
            return result(.unknown, "Whether the last boot erased the root is not known.")
        case (.erased, .unknown): return result(.unknown, "Whether the last boot kept what is declared is not known.")
        }
    }

    func provenBoot(_ facts: ComplianceFacts) -> ControlResult {
        if let exempt = notEphemeral(.provenBoot) { return exempt }
        guard let boot = facts.provenBoot, boot.verdict?.isProven == true, let judgedAt = boot.judgedAt else {
            return ControlResult(.provenBoot, .unknown, "No boot was ever proven.")
        }
        let isOld = isOlder(judgedAt, than: policy.provenBootMaxAge)
        return ControlResult(
            .provenBoot, isOld ? .stale : .compliant,
            "The last proven boot is \(age(judgedAt)) old; the policy allows "
                + "\(TimeSpan.text(policy.provenBootMaxAge)).", evidenceAt: judgedAt,
            evidence: boot.evidence.map { [$0] } ?? [])
    }

    /// Whether the host is declared not to be ephemeral, so that the control does not concern it.
    func notEphemeral(_ control: Control) -> ControlResult? {
        guard declaredStrategy == Strategy.none else { return nil }
        return ControlResult(control, .notApplicable, "The host is not declared ephemeral.")
    }
}
