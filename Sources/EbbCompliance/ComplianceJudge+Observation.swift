import EbbModel
import FoundationEssentials

/// The controls about observing a host.
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
        if let exempt = notEphemeral(.eraseMechanism) { return exempt }
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
}
