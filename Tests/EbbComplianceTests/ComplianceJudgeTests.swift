import EbbCompliance
import FoundationEssentials
import Testing

@testable import EbbModel

@Suite struct ComplianceJudgeTests {
    @Test func `a host that is well is compliant, each control with its evidence`() throws {
        let result = Well.judge(try Well.facts())
        #expect(result.verdict == .compliant)
        #expect(result.controls.map(\.control) == Control.allCases)
        #expect(result.exitStatus == .success)
        for control in result.controls where control.verdict == .compliant {
            #expect(control.evidenceAt != nil, "\(control.control)")
            #expect(!control.evidence.isEmpty, "\(control.control)")
            #expect(control.sentence.hasSuffix("."))
        }
    }

    @Test func `a host of which nothing is known is never called good`() throws {
        let result = Well.judge(ComplianceFacts(host: try HostName("ghost")))
        #expect(result.verdict == .unknown)
        #expect(result.exitStatus == .incomplete)
        #expect(!result.controls.contains { $0.verdict == .compliant })
    }

    @Test func `ages are allowed up to the limit and not a moment longer`() throws {
        let limits: [(Control, Double, ComplianceVerdict)] = [
            (.provenBoot, 30 * Well.day, .stale), (.observationFresh, 2 * Well.day, .stale),
            (.reachable, 2 * Well.day, .stale), (.leakedState, 2 * Well.day, .stale),
            (.unexplainedState, 2 * Well.day, .stale), (.persistenceVerified, 2 * Well.day, .stale),
        ]
        for (control, limit, late) in limits {
            for (age, expected) in [(limit, .compliant), (limit + 0.001, late)] as [(Double, ComplianceVerdict)] {
                var facts = try Well.facts()
                let at = Well.ago(age)
                let judgement = ComplianceFacts.Observation(at: at, isComplete: true, evidence: 1)
                facts.judgement = judgement
                facts.completeJudgement = judgement
                facts.observation = ComplianceFacts.Observation(
                    at: at, isReachable: true, isComplete: true, strategy: .btrfs, evidence: 1)
                facts.provenBoot = try #require(facts.provenBoot).judged(at: at)
                #expect(Well.verdict(control, facts) == expected, "\(control) at \(age)")
            }
        }
    }

    @Test func `unexplained paths count once their grace is over`() throws {
        let grace = 7 * Well.day
        let table: [(ages: [(Double, Int)], max: Int, ComplianceVerdict)] = [
            ([(grace, 5)], 0, .compliant), ([(grace + 0.001, 1)], 0, .nonCompliant), ([(grace + 1, 2)], 2, .compliant),
            ([(grace + 1, 3)], 2, .nonCompliant), ([(grace + 1, 2), (1, 100)], 2, .compliant),
            ([(grace + 1, 2), (grace + 2, 1)], 2, .nonCompliant),
        ]
        for (ages, max, expected) in table {
            var facts = try Well.facts()
            facts.atRisk = ages.map { age, count in
                ComplianceFacts.AtRisk(verdict: .unexplained, firstSeen: Well.ago(age), count: count)
            }
            var policy = Well.policy
            policy.unexplainedMax = max
            #expect(Well.verdict(.unexplainedState, facts, policy: policy) == expected, "\(ages)")
        }
    }

    @Test func `an incomplete look can condemn a host and cannot clear it`() throws {
        var facts = try Well.facts()
        facts.judgement = ComplianceFacts.Observation(at: Well.ago(60), isComplete: false, evidence: 3)
        #expect(Well.verdict(.leakedState, facts) == .unknown)
        #expect(Well.verdict(.unexplainedState, facts) == .unknown)
        #expect(Well.verdict(.observationFresh, facts) == .compliant)
        facts.atRisk = [
            ComplianceFacts.AtRisk(verdict: .leaked, firstSeen: Well.now, count: 1),
            ComplianceFacts.AtRisk(verdict: .unexplained, firstSeen: Well.ago(8 * Well.day), count: 1),
        ]
        #expect(Well.verdict(.leakedState, facts) == .nonCompliant)
        #expect(Well.verdict(.unexplainedState, facts) == .nonCompliant)
        facts.completeJudgement = nil
        #expect(Well.verdict(.observationFresh, facts) == .unknown)
    }

    @Test func `every verdict of a boot has its own answer`() throws {
        for erasure in BootVerdict.Erasure.allCases {
            for retention in BootVerdict.Retention.allCases {
                var facts = try Well.facts()
                let verdict = BootVerdict(erasure: erasure, retention: retention, reasons: [])
                let boot = try #require(facts.lastBoot).judged(verdict)
                facts.lastBoot = boot
                facts.provenBoot = boot
                let expected: ComplianceVerdict =
                    if erasure == .notErased || retention == .leaked || retention == .lost {
                        .nonCompliant
                    } else if verdict.isProven { .compliant } else { .unknown }
                #expect(Well.verdict(.lastBoot, facts) == expected)
                #expect(Well.verdict(.provenBoot, facts) == (verdict.isProven ? .compliant : .unknown))
            }
        }
    }

    @Test func `a boot that nobody judged is unknown even after a proven one`() throws {
        var facts = try Well.facts()
        let id = try #require(BootID("99999999-2222-4333-8444-555555555555"))
        facts.lastBoot = ComplianceFacts.Boot(bootID: id, firstSeen: Well.ago(60))
        #expect(Well.verdict(.lastBoot, facts) == .unknown)
        #expect(Well.verdict(.provenBoot, facts) == .compliant)
        #expect(Well.judge(facts).verdict == .unknown)
    }

    @Test func `declared paths that are not in effect make a host non-compliant`() throws {
        let table: [([DeclaredFinding.Verdict], ComplianceVerdict)] = [
            ([], .notApplicable), ([.inEffect], .compliant), ([.inEffect, .unknown], .unknown),
            ([.unknown, .leaked], .nonCompliant), ([.inEffect, .missing], .nonCompliant),
            ([.wrongAttributes], .nonCompliant),
        ]
        for (verdicts, expected) in table {
            var facts = try Well.facts()
            facts.declared = verdicts.map(Well.finding)
            #expect(Well.verdict(.persistenceVerified, facts) == expected, "\(verdicts)")
        }
    }

    @Test func `the mounts must show the strategy that was declared`() throws {
        let facts = try Well.facts()
        #expect(Well.verdict(.eraseMechanism, facts) == .compliant)
        #expect(Well.verdict(.eraseMechanism, facts, strategy: .zfs) == .nonCompliant)
        #expect(Well.verdict(.eraseMechanism, facts, strategy: nil) == .unknown)
        var blind = facts
        blind.observation = ComplianceFacts.Observation(
            at: Well.now, isReachable: false, isComplete: false, strategy: nil, evidence: 1)
        #expect(Well.verdict(.eraseMechanism, blind) == .unknown)
        #expect(Well.verdict(.reachable, blind) == .unreachable)
        for control in [Control.lastBoot, .provenBoot, .blankUnchanged, .eraseMechanism] {
            #expect(Well.verdict(control, facts, strategy: Strategy.none) == .notApplicable)
        }
    }

    @Test func `evidence from the future proves nothing`() throws {
        var facts = try Well.facts()
        for (ahead, expected) in [(300.0, .compliant), (301, .unknown)] as [(Double, ComplianceVerdict)] {
            let at = Well.ago(-ahead)
            facts.provenBoot = try #require(facts.provenBoot).judged(at: at)
            #expect(Well.verdict(.provenBoot, facts) == expected)
        }
    }

    @Test func `what is disproved outranks what is not known, and nothing hides a waiver`() {
        let order: [ComplianceVerdict] = [
            .error, .nonCompliant, .unreachable, .unknown, .stale, .waived, .compliant, .notApplicable,
        ]
        for (index, verdict) in order.enumerated() {
            #expect(ComplianceVerdict.overall(of: order[index...].reversed()) == verdict)
        }
        #expect(ComplianceVerdict.overall(of: []) == .unknown)
    }

    @Test func `findings with open questions beside them end with incomplete`() throws {
        var facts = try Well.facts()
        facts.atRisk = [ComplianceFacts.AtRisk(verdict: .leaked, firstSeen: Well.now, count: 1)]
        #expect(Well.judge(facts).exitStatus == .findings)
        facts.lastBoot = nil
        let both = Well.judge(facts)
        #expect(both.verdict == .nonCompliant)
        #expect(both.exitStatus == .incomplete)
    }

    @Test func `declared paths are judged as they are declared today`() throws {
        let facts = try Well.facts()
        func result(_ declared: [PersistenceEntry]?) -> ControlResult? {
            ComplianceJudge(policy: Well.policy, declaredStrategy: .btrfs, now: Well.now, declared: declared).judge(
                facts
            ).controls.first { $0.control == .persistenceVerified }
        }
        let asked = Well.finding(.inEffect).entry
        #expect(result(nil)?.verdict == .compliant)
        #expect(result([asked])?.verdict == .compliant)
        #expect(result([])?.verdict == .notApplicable)
        let added = result([asked, PersistenceEntry(path: "/var/lib/new", mechanism: .bind)])
        #expect(added?.verdict == .unknown)
        #expect(added?.sentence.contains("/var/lib/new") == true)
        var owned = asked
        owned.owner = "app"
        #expect(result([owned])?.verdict == .unknown)
        owned = asked
        owned.stateClass = .precious
        #expect(result([owned])?.verdict == .compliant)
    }
}

extension ComplianceFacts.Boot {
    func judged(at date: Date) -> Self {
        Self(bootID: bootID, firstSeen: firstSeen, judgedAt: date, verdict: verdict, evidence: evidence)
    }

    func judged(_ verdict: BootVerdict) -> Self {
        Self(bootID: bootID, firstSeen: firstSeen, judgedAt: judgedAt, verdict: verdict, evidence: evidence)
    }
}
