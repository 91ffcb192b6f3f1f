import EbbModel
import FoundationEssentials

/// The controls about boots and what they go back to.
extension ComplianceJudge {
    func lastBoot(_ facts: ComplianceFacts) -> ControlResult {
        if let exempt = notEphemeral(.lastBoot) { return exempt }
        guard let boot = facts.lastBoot else {
            return ControlResult(.lastBoot, .unknown, "No boot was ever seen.")
        }
        let evidence = boot.evidence.map { [$0] } ?? []
        guard let verdict = boot.verdict, let judgedAt = boot.judgedAt else {
            return ControlResult(
                .lastBoot, .unknown,
                "The boot first seen \(age(boot.firstSeen)) ago was not judged.",
                evidenceAt: boot.firstSeen)
        }
        func result(_ answer: ComplianceVerdict, _ sentence: String) -> ControlResult {
            ControlResult(
                .lastBoot, answer, sentence, evidenceAt: judgedAt, evidence: evidence)
        }
        switch (verdict.erasure, verdict.retention) {
        case (.erased, .kept):
            return result(.compliant, "The last boot erased the root and kept what is declared.")
        case (.notErased, .leaked):
            return result(
                .nonCompliant, "The last boot did not erase the root, and lost declared state.")
        case (.notErased, .kept), (.notErased, .unknown):
            return result(.nonCompliant, "The last boot did not erase the root.")
        case (.erased, .leaked), (.unknown, .leaked):
            return result(.nonCompliant, "The last boot lost declared state.")
        case (.unknown, .kept), (.unknown, .unknown):
            return result(.unknown, "Whether the last boot erased the root is not known.")
        case (.erased, .unknown):
            return result(.unknown, "Whether the last boot kept what is declared is not known.")
        }
    }

    func provenBoot(_ facts: ComplianceFacts) -> ControlResult {
        if let exempt = notEphemeral(.provenBoot) { return exempt }
        guard let boot = facts.provenBoot, boot.verdict?.isProven == true,
            let judgedAt = boot.judgedAt
        else { return ControlResult(.provenBoot, .unknown, "No boot was ever proven.") }
        let isOld = isOlder(judgedAt, than: policy.provenBootMaxAge)
        return ControlResult(
            .provenBoot, isOld ? .stale : .compliant,
            "The last proven boot is \(age(judgedAt)) old; the policy allows "
                + "\(TimeSpan.text(policy.provenBootMaxAge)).",
            evidenceAt: judgedAt, evidence: boot.evidence.map { [$0] } ?? [])
    }

    func blankUnchanged(_ facts: ComplianceFacts) -> ControlResult {
        if let exempt = notEphemeral(.blankUnchanged) { return exempt }
        guard let current = facts.blanks.first else {
            return ControlResult(
                .blankUnchanged, .notApplicable, "No identity of the blank was recorded.")
        }
        let others = facts.blanks.dropFirst()
        guard let before = others.first else {
            return ControlResult(
                .blankUnchanged, .compliant,
                "The blank is the one recorded \(age(current.firstSeen)) ago.",
                evidenceAt: current.lastSeen)
        }
        return ControlResult(
            .blankUnchanged, .nonCompliant,
            "The blank was replaced \(age(current.firstSeen)) ago; the one before was seen until "
                + "\(age(before.lastSeen)) ago.",
            evidenceAt: current.lastSeen)
    }

    func safeSnapshots(_ facts: ComplianceFacts) -> ControlResult {
        guard let limit = policy.safeSnapshotMaxAge else {
            return ControlResult(.safeSnapshots, .notApplicable, "The policy does not ask.")
        }
        guard let snapshots = facts.safeSnapshots,
            let oldest = snapshots.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })
        else {
            return ControlResult(
                .safeSnapshots, .unknown, "The age of the newest snapshots is not known.",
                evidenceAt: facts.look?.at)
        }
        let isOld = isOlder(oldest.value, than: limit)
        return ControlResult(
            .safeSnapshots, isOld ? .nonCompliant : .compliant,
            "The newest snapshot of \(PrintableText.line(oldest.key)) is \(age(oldest.value)) old;"
                + " the policy allows \(TimeSpan.text(limit)).",
            evidenceAt: facts.look?.at, evidence: facts.look.map { [$0.evidence] } ?? [])
    }

    private func notEphemeral(_ control: Control) -> ControlResult? {
        guard declaredStrategy == Strategy.none else { return nil }
        return ControlResult(control, .notApplicable, "The host is not declared ephemeral.")
    }
}
