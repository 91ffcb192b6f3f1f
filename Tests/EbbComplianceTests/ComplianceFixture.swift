import EbbCompliance
import FoundationEssentials
import Testing

@testable import EbbModel

/// A host that is well, to be broken one fact at a time.
enum Well {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let day = 86_400.0

    static func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    static let policy = CompliancePolicy(
        provenBootMaxAge: 30 * 86_400, unexplainedMax: 0, unexplainedGrace: 7 * 86_400, observationMaxAge: 2 * 86_400)

    static let proven = BootVerdict(erasure: .erased, retention: .kept, reasons: ["canary gone"])

    static func facts() throws -> ComplianceFacts {
        let id = try #require(BootID("11111111-2222-4333-8444-555555555555"))
        let boot = ComplianceFacts.Boot(
            bootID: id, firstSeen: ago(day), judgedAt: ago(day), verdict: proven, evidence: 7)
        let judgement = ComplianceFacts.Observation(at: ago(3_600), isComplete: true, evidence: 9)
        return ComplianceFacts(
            host: try HostName("builder1"),
            observation: ComplianceFacts.Observation(
                at: ago(3_600), isReachable: true, isComplete: true, strategy: .btrfs, evidence: 8),
            judgement: judgement, completeJudgement: judgement, lastBoot: boot, provenBoot: boot,
            declared: [finding(.inEffect)],
            blanks: [ComplianceFacts.Blank(identity: "1234", firstSeen: ago(90 * day), lastSeen: ago(3_600))])
    }

    static func finding(_ verdict: DeclaredFinding.Verdict) -> DeclaredFinding {
        DeclaredFinding(
            entry: PersistenceEntry(path: "/var/lib/x", mechanism: .bind), verdict: verdict, reason: "as seen")
    }

    static func judge(
        _ facts: ComplianceFacts, policy: CompliancePolicy = policy, strategy: Strategy? = .btrfs, now: Date = now
    ) -> HostCompliance { ComplianceJudge(policy: policy, declaredStrategy: strategy, now: now).judge(facts) }

    static func verdict(
        _ control: Control, _ facts: ComplianceFacts, policy: CompliancePolicy = policy, strategy: Strategy? = .btrfs
    ) -> ComplianceVerdict? {
        judge(facts, policy: policy, strategy: strategy).controls.first { $0.control == control }?.verdict
    }
}
