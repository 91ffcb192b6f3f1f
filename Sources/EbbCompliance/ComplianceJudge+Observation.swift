import EbbModel
import FoundationEssentials

/// The controls about observing a host.
extension ComplianceJudge {
    func reachable(_ facts: ComplianceFacts) -> ControlResult {
        guard let look = facts.look else {
            return ControlResult(.reachable, .unknown, "The host was never asked.")
        }
        let when = age(look.at)
        if !look.isReachable {
            let why = look.gaps.first.map { ": \(PrintableText.line($0))" } ?? ""
            return ControlResult(
                .reachable, .unreachable, "The host did not answer \(when) ago\(why).",
                evidenceAt: look.at, evidence: [look.evidence])
        }
        if isOlder(look.at, than: policy.observationMaxAge) {
            return ControlResult(
                .reachable, .stale,
                "The host was last asked \(when) ago; the policy allows "
                    + "\(TimeSpan.text(policy.observationMaxAge)).",
                evidenceAt: look.at, evidence: [look.evidence])
        }
        return ControlResult(
            .reachable, .compliant, "The host answered \(when) ago.", evidenceAt: look.at,
            evidence: [look.evidence])
    }

    func observationFresh(_ facts: ComplianceFacts) -> ControlResult {
        guard let judgement = facts.completeJudgement else {
            let newest = facts.judgement
            return ControlResult(
                .observationFresh, .unknown,
                newest == nil
                    ? "Drift was never judged." : "No observation was ever complete.",
                evidenceAt: newest?.at, evidence: newest.map { [$0.evidence] } ?? [])
        }
        let isOld = isOlder(judgement.at, than: policy.observationMaxAge)
        return ControlResult(
            .observationFresh, isOld ? .stale : .compliant,
            "The newest complete observation is \(age(judgement.at)) old; the policy allows "
                + "\(TimeSpan.text(policy.observationMaxAge)).",
            evidenceAt: judgement.at, evidence: [judgement.evidence])
    }

    func eraseMechanism(_ facts: ComplianceFacts) -> ControlResult {
        guard let declared = declaredStrategy else {
            return ControlResult(
                .eraseMechanism, .unknown, "The inventory does not say how the root is erased.")
        }
        if declared == .none {
            return ControlResult(
                .eraseMechanism, .notApplicable, "The host is not declared ephemeral.")
        }
        guard let look = facts.look, let strategy = look.strategy else {
            return ControlResult(
                .eraseMechanism, .unknown, "How the root is erased could not be read.",
                evidenceAt: facts.look?.at, evidence: facts.look.map { [$0.evidence] } ?? [])
        }
        let isSame = strategy == declared
        return ControlResult(
            .eraseMechanism, isSame ? .compliant : .nonCompliant,
            isSame
                ? "The mounts show the declared strategy \(declared.rawValue)."
                : "The inventory declares \(declared.rawValue), the mounts show "
                    + "\(strategy.rawValue).",
            evidenceAt: look.at, evidence: [look.evidence])
    }
}
