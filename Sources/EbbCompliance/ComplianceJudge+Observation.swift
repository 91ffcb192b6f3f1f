import EbbModel
import FoundationEssentials

/// The controls about observing a host, and about its boots.
extension ComplianceJudge {
    func reachable(_ facts: ComplianceFacts) -> ControlResult {
        guard let look = facts.observation else {
            return ControlResult(.reachable, .unknown, "The host was never asked.")
        }
        let when = age(look.at)
        if !look.isReachable {
            let why = look.gaps.first.map { ": \(PrintableText.line($0))" } ?? ""
            return observed(.reachable, facts, .unreachable, "The host did not answer \(when) ago\(why).")
        }
        if isOlder(look.at, than: policy.observationMaxAge) {
            return observed(
                .reachable, facts, .stale,
                "The host was last asked \(when) ago; the policy allows "
                    + "\(TimeSpan.text(policy.observationMaxAge)).")
        }
        return observed(.reachable, facts, .compliant, "The host answered \(when) ago.")
    }

    func observationFresh(_ facts: ComplianceFacts) -> ControlResult {
        guard let judgement = facts.completeJudgement else {
            let newest = facts.judgement
            return ControlResult(
                .observationFresh, .unknown,
                newest == nil ? "Drift was never judged." : "No observation was ever complete.", evidenceAt: newest?.at,
                evidence: newest.map { [$0.evidence] } ?? [])
        }
        let isOld = isOlder(judgement.at, than: policy.observationMaxAge)
        return ControlResult(
            .observationFresh, isOld ? .stale : .compliant,
            "The newest complete observation is \(age(judgement.at)) old; the policy allows "
                + "\(TimeSpan.text(policy.observationMaxAge)).", evidenceAt: judgement.at,
            evidence: [judgement.evidence])
    }

    func eraseMechanism(_ facts: ComplianceFacts) -> ControlResult {
        guard let declared = declaredStrategy else {
            return ControlResult(.eraseMechanism, .unknown, "The inventory does not say how the root is erased.")
        }
        guard let strategy = facts.observation?.strategy else {
            return observed(.eraseMechanism, facts, .unknown, "How the root is erased could not be read.")
        }
        return strategy == declared
            ? observed(
                .eraseMechanism, facts, .compliant, "The mounts show the declared strategy \(declared.rawValue).")
            : observed(
                .eraseMechanism, facts, .nonCompliant,
                "The inventory declares \(declared.rawValue), the mounts show \(strategy.rawValue).")
    }

    func lastBoot(_ facts: ComplianceFacts) -> ControlResult {
        guard let boot = facts.lastBoot else { return ControlResult(.lastBoot, .unknown, "No boot was ever seen.") }
        guard let verdict = boot.verdict, let judgedAt = boot.judgedAt else {
            return ControlResult(
                .lastBoot, .unknown, "The boot first seen \(age(boot.firstSeen)) ago was not judged.",
                evidenceAt: boot.firstSeen)
        }
        let (answer, sentence): (ComplianceVerdict, String) =
            switch (verdict.erasure, verdict.retention) {
            case (.erased, .kept): (.compliant, "The last boot erased the root and kept what is declared.")
            case (.erased, .notApplicable):
                (.compliant, "The last boot erased the root; the host keeps nothing, by its inventory.")
            case (.notErased, .leaked), (.notErased, .lost):
                (.nonCompliant, "The last boot did not erase the root, and lost declared state.")
            case (.notErased, _): (.nonCompliant, "The last boot did not erase the root.")
            case (_, .leaked), (_, .lost): (.nonCompliant, "The last boot lost declared state.")
            case (.unknown, _): (.unknown, "Whether the last boot erased the root is not known.")
            case (.erased, .unknown): (.unknown, "Whether the last boot kept what is declared is not known.")
            }
        return ControlResult(
            .lastBoot, answer, sentence, evidenceAt: judgedAt, evidence: boot.evidence.map { [$0] } ?? [])
    }

    func provenBoot(_ facts: ComplianceFacts) -> ControlResult {
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
}
