package import EbbModel
package import FoundationEssentials

/// Judges one host against its policy at one time.
package struct ComplianceJudge: Sendable {
    /// How far evidence may be dated after `now`: clocks of two controllers differ.
    static let tolerance: Double = 300

    package let policy: CompliancePolicy
    /// How the inventory says that the root is erased; `nil`: it does not say.
    package let declaredStrategy: Strategy?
    package let now: Date
    /// The persistence set of today, presets expanded and targets filled in; `nil`: it is not known.
    package let declared: [PersistenceEntry]?

    package init(policy: CompliancePolicy, declaredStrategy: Strategy?, now: Date, declared: [PersistenceEntry]? = nil)
    {
        (self.policy, self.declaredStrategy, self.now) = (policy, declaredStrategy, now)
        self.declared = declared
    }

    /// One result per control, waivers applied, and the verdict over all.
    package func judge(_ facts: ComplianceFacts, groups: [String] = []) -> HostCompliance {
        var facts = facts
        facts.declared = askedToday(facts.declared)
        let results = Control.allCases.map { control in applyWaiver(to: dated(result(control, facts, groups))) }
        return HostCompliance(
            host: facts.host, groups: groups, controls: results, facts: facts, waiverProblems: waiverProblems)
    }

    /// What was found of the paths that are declared today.
    ///
    /// Evidence that did not ask for a path, or asked for another mechanism, place or owner, leaves it unknown;
    /// what is no longer declared is no longer judged.
    private func askedToday(_ findings: [DeclaredFinding]) -> [DeclaredFinding] {
        guard let declared else { return findings }
        let found = Dictionary(findings.map { ($0.entry.path, $0) }, uniquingKeysWith: { first, _ in first })
        return declared.map { entry in
            guard let finding = found[entry.path], finding.entry.asks(like: entry) else {
                return DeclaredFinding(
                    entry: entry, verdict: .unknown, reason: "no observation has asked for it as it is declared today")
            }
            return DeclaredFinding(entry: entry, verdict: finding.verdict, reason: finding.reason)
        }
    }

    /// Evidence from the future proves nothing: some clock is wrong.
    private func dated(_ result: ControlResult) -> ControlResult {
        guard let age = result.evidenceAge(at: now), age < -Self.tolerance, result.verdict == .compliant else {
            return result
        }
        return ControlResult(
            result.control, .unknown, "The evidence is dated \(TimeSpan.text(Int(-age))) in the future.",
            evidenceAt: result.evidenceAt, evidence: result.evidence)
    }

    /// A good answer from evidence that is older than an observation may be is `stale`.
    func fresh(_ result: ControlResult) -> ControlResult {
        guard result.verdict == .compliant, let evidenceAt = result.evidenceAt,
            isOlder(evidenceAt, than: policy.observationMaxAge)
        else { return result }
        return ControlResult(
            result.control, .stale, "As of \(age(evidenceAt)) ago: \(result.sentence)", evidenceAt: evidenceAt,
            evidence: result.evidence)
    }

    private func result(_ control: Control, _ facts: ComplianceFacts, _ groups: [String]) -> ControlResult {
        if let damage = facts.damage, control != .stopFlags { return ControlResult(control, .unknown, damage) }
        if declaredStrategy == Strategy.none, Self.aboutErasing.contains(control) {
            return ControlResult(control, .notApplicable, "The host is not declared ephemeral.")
        }
        return switch control {
        case .reachable: reachable(facts)
        case .observationFresh: observationFresh(facts)
        case .eraseMechanism: fresh(eraseMechanism(facts))
        case .eraseFailClosed: fresh(eraseFailClosed(facts))
        case .lastBoot: lastBoot(facts)
        case .provenBoot: provenBoot(facts)
        case .persistenceVerified: persistenceVerified(facts)
        case .leakedState: leakedState(facts)
        case .unexplainedState: unexplainedState(facts)
        case .blankUnchanged: fresh(blankUnchanged(facts))
        case .safeSnapshots: fresh(safeSnapshots(facts))
        case .stopFlags: stopFlags(facts, groups)
        }
    }

    /// The controls that concern no host that is declared not to be ephemeral.
    private static let aboutErasing: Set<Control> = [
        .eraseMechanism, .eraseFailClosed, .lastBoot, .provenBoot, .blankUnchanged,
    ]

    /// A result whose evidence is the newest observation.
    func observed(_ control: Control, _ facts: ComplianceFacts, _ verdict: ComplianceVerdict, _ sentence: String)
        -> ControlResult
    {
        ControlResult(
            control, verdict, sentence, evidenceAt: facts.observation?.at,
            evidence: facts.observation.map { [$0.evidence] } ?? [])
    }

    /// Whether evidence of that time is older than `limit` seconds; exactly as old is not older.
    func isOlder(_ date: Date, than limit: Int) -> Bool { now.timeIntervalSince(date) > Double(limit) }

    /// How long ago, as people say it.
    func age(_ date: Date) -> String {
        let seconds = max(1, Int(now.timeIntervalSince(date)))
        switch seconds {
        case ..<3_600: return TimeSpan.text(seconds)
        case ..<172_800: return TimeSpan.text(seconds / 60 * 60)
        default: return "\(seconds / 86_400)d"
        }
    }

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

extension PersistenceEntry {
    /// Whether the same answer of a host holds for both.
    fileprivate func asks(like other: PersistenceEntry) -> Bool {
        mechanism == other.mechanism && target == other.target && owner == other.owner && group == other.group
            && mode == other.mode
    }
}
