import EbbModel
import FoundationEssentials

/// The controls about what boots go back to, and what happens when they cannot.
extension ComplianceJudge {
    func blankUnchanged(_ facts: ComplianceFacts) -> ControlResult {
        // A directory that Ebb copied the root from bears a mark; one that a person filled does not.
        let isMarked = facts.recordedBlank != nil || !facts.blanks.isEmpty
        if let strategy = declaredStrategy, strategy != .zfs, strategy != .btrfs, !isMarked {
            return ControlResult(
                .blankUnchanged, .notApplicable,
                "A root of strategy \(strategy.rawValue) has no blank with an identity.")
        }
        guard let current = facts.blanks.first else {
            return observed(.blankUnchanged, facts, .unknown, "The identity of the blank was never read.")
        }
        func result(_ verdict: ComplianceVerdict, _ sentence: String) -> ControlResult {
            ControlResult(
                .blankUnchanged, verdict, sentence,
                evidenceAt: min(current.lastSeen, facts.observation?.at ?? current.lastSeen),
                evidence: facts.observation.map { [$0.evidence] } ?? [])
        }
        let name = PrintableText.line(current.identity)
        if let look = facts.observation, look.isReachable, look.at.timeIntervalSince(current.lastSeen) > 1 {
            return result(
                .unknown,
                "The newest observation could not read the identity of the blank; it was \(name) "
                    + "\(age(current.lastSeen)) ago.")
        }
        if let changed = facts.blankState?.changed {
            return result(
                .nonCompliant,
                "The blank is \(name), and was changed after it was taken: \(PrintableText.line(changed)).")
        }
        // Where its content was never looked at, that is said.
        let how = declaredStrategy == .btrfs && facts.blankState == nil ? ", compared by its UUID alone" : ""
        if let wanted = policy.blankIdentity {
            return current.identity == wanted
                ? result(.compliant, "The blank is \(name), as the policy demands.")
                : result(.nonCompliant, "The blank is \(name); the policy demands \(PrintableText.line(wanted)).")
        }
        if let recorded = facts.recordedBlank {
            return current.identity == recorded
                ? result(.compliant, "The blank is \(name), the one recorded at onboarding\(how).")
                : result(
                    .nonCompliant,
                    "The blank is \(name); the one recorded at onboarding is \(PrintableText.line(recorded)).")
        }
        guard let first = facts.blanks.min(by: { $0.firstSeen < $1.firstSeen }), first.identity != current.identity
        else {
            return result(
                .compliant, "The blank is \(name) since it was first seen \(age(current.firstSeen)) ago\(how).")
        }
        return result(
            .nonCompliant,
            "The blank was replaced \(age(current.firstSeen)) ago; the first one was "
                + "\(PrintableText.line(first.identity)), seen until \(age(first.lastSeen)) ago.")
    }

    func eraseFailClosed(_ facts: ComplianceFacts) -> ControlResult {
        guard policy.eraseFailClosed else {
            return ControlResult(.eraseFailClosed, .notApplicable, "The policy does not ask.")
        }
        let (verdict, sentence): (ComplianceVerdict, String) =
            switch facts.eraseGuard {
            case .failsClosed: (.compliant, "A boot that cannot erase the root stops.")
            case .failsOpen: (.nonCompliant, "A boot that cannot erase the root continues with it as it is.")
            case nil: (.unknown, "What a boot does that cannot erase the root could not be read.")
            }
        return observed(.eraseFailClosed, facts, verdict, sentence)
    }

    func safeSnapshots(_ facts: ComplianceFacts) -> ControlResult {
        guard let limit = policy.safeSnapshotMaxAge else {
            return ControlResult(.safeSnapshots, .notApplicable, "The policy does not ask.")
        }
        func result(_ verdict: ComplianceVerdict, _ sentence: String) -> ControlResult {
            observed(.safeSnapshots, facts, verdict, sentence)
        }
        if let bare = facts.safeSnapshots?.first(where: { $0.newest == nil }) {
            return result(.nonCompliant, "\(PrintableText.line(bare.name)) has no snapshot at all.")
        }
        let dated = (facts.safeSnapshots ?? []).compactMap { dataset in dataset.newest.map { (dataset.name, $0) } }
        guard let (name, newest) = dated.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else {
            return result(.unknown, "The age of the newest snapshots is not known.")
        }
        if newest.timeIntervalSince(now) > Self.tolerance {
            return result(.unknown, "The newest snapshot of \(PrintableText.line(name)) is dated in the future.")
        }
        return result(
            isOlder(newest, than: limit) ? .nonCompliant : .compliant,
            "The newest snapshot of \(PrintableText.line(name)) is \(age(newest)) old; the policy "
                + "allows \(TimeSpan.text(limit)).")
    }

    func stopFlags(_ facts: ComplianceFacts, _ groups: [String]) -> ControlResult {
        let stops = facts.stops.filter { $0.flag.concerns(facts.host, in: groups) }
        guard let oldest = stops.min(by: { $0.flag.setAt < $1.flag.setAt }) else {
            return ControlResult(.stopFlags, .notApplicable, "No stop flag holds the host back.")
        }
        let flag = oldest.flag
        let end = flag.expiresAt.map { _ in "" } ?? ", without an end"
        let isOld = isOlder(flag.setAt, than: policy.stopFlagMaxAge)
        return ControlResult(
            .stopFlags, isOld ? .nonCompliant : .compliant,
            "\(PrintableText.line(flag.author)) stopped reboots \(age(flag.setAt)) ago\(end): "
                + "\(PrintableText.line(flag.reason)); the policy allows " + "\(TimeSpan.text(policy.stopFlagMaxAge)).",
            evidenceAt: flag.setAt, evidence: stops.compactMap(\.evidence))
    }
}
