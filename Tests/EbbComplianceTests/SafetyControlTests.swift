import EbbCompliance
import FoundationEssentials
import Testing

@testable import EbbModel

@Suite struct SafetyControlTests {
    private func blank(_ identity: String, first: Double, last: Double) -> ComplianceFacts.Blank {
        ComplianceFacts.Blank(identity: identity, firstSeen: Well.ago(first), lastSeen: Well.ago(last))
    }

    @Test func `a blank that was replaced is a finding until a person confirms the new one`() throws {
        var facts = try Well.facts()
        #expect(Well.verdict(.blankUnchanged, facts) == .compliant)
        facts.blanks = [blank("new", first: 5_000, last: 3_600), blank("old", first: 9_000, last: 6_000)]
        #expect(Well.verdict(.blankUnchanged, facts) == .nonCompliant)
        facts.recordedBlank = "new"
        #expect(Well.verdict(.blankUnchanged, facts) == .compliant)
        var policy = Well.policy
        policy.blankIdentity = "old"
        #expect(Well.verdict(.blankUnchanged, facts, policy: policy) == .nonCompliant)
        policy.blankIdentity = "new"
        facts.recordedBlank = "old"
        #expect(Well.verdict(.blankUnchanged, facts, policy: policy) == .compliant)
    }

    @Test func `a blank that was changed in place is a finding, and one that nobody looked into says so`() throws {
        var facts = try Well.facts()
        facts.blankState = BlankState(generation: 12)
        #expect(Well.verdict(.blankUnchanged, facts) == .compliant)
        facts.blankState = BlankState(generation: 13, changed: "/root/.ssh/authorized_keys")
        #expect(Well.verdict(.blankUnchanged, facts) == .nonCompliant)
        // Whatever the policy or a record says of its name.
        facts.recordedBlank = "1234"
        #expect(Well.verdict(.blankUnchanged, facts) == .nonCompliant)
    }

    @Test func `a blank that the newest look could not read is not known`() throws {
        var facts = try Well.facts()
        facts.blanks = [blank("1234", first: 9_000, last: 8_000)]
        #expect(Well.verdict(.blankUnchanged, facts) == .unknown)
        facts.blanks = []
        #expect(Well.verdict(.blankUnchanged, facts) == .unknown)
        for strategy in [Strategy.overlay, .tmpfs, .mkfs] {
            #expect(Well.verdict(.blankUnchanged, facts, strategy: strategy) == .notApplicable)
        }
    }

    @Test func `each dataset that is backed up needs a recent snapshot`() throws {
        var facts = try Well.facts()
        var policy = Well.policy
        #expect(Well.verdict(.safeSnapshots, facts, policy: policy) == .notApplicable)
        policy.safeSnapshotMaxAge = 3_600
        let cases: [([SafeDataset]?, ComplianceVerdict)] = [
            (nil, .unknown), ([], .unknown), ([SafeDataset(name: "a", newest: Well.ago(3_600))], .compliant),
            ([SafeDataset(name: "a", newest: Well.ago(3_601))], .nonCompliant),
            (
                [SafeDataset(name: "a", newest: Well.ago(1)), SafeDataset(name: "b", newest: Well.ago(9_999))],
                .nonCompliant
            ), ([SafeDataset(name: "a", newest: Well.ago(1)), SafeDataset(name: "b", newest: nil)], .nonCompliant),
            ([SafeDataset(name: "a", newest: Well.ago(-9_999))], .unknown),
        ]
        for (datasets, expected) in cases {
            facts.safeSnapshots = datasets
            #expect(Well.verdict(.safeSnapshots, facts, policy: policy) == expected, "\(datasets ?? [])")
        }
    }

    @Test func `an erase mechanism that fails open, or of which nothing is known, is not good`() throws {
        var facts = try Well.facts()
        var policy = Well.policy
        #expect(Well.verdict(.eraseFailClosed, facts, policy: policy) == .notApplicable)
        policy.eraseFailClosed = true
        #expect(Well.verdict(.eraseFailClosed, facts, policy: policy) == .unknown)
        facts.eraseGuard = .failsOpen
        #expect(Well.verdict(.eraseFailClosed, facts, policy: policy) == .nonCompliant)
        facts.eraseGuard = .failsClosed
        #expect(Well.verdict(.eraseFailClosed, facts, policy: policy) == .compliant)
    }

    @Test func `a stop flag counts when it holds a host back for too long`() throws {
        var facts = try Well.facts()
        func flag(_ scope: StopFlag.Scope, ago: Double) -> ComplianceFacts.Stop {
            ComplianceFacts.Stop(
                flag: StopFlag(scope: scope, reason: "audit\u{1b}[31m", author: "ops", setAt: Well.ago(ago)),
                evidence: 77)
        }
        facts.stops = [flag(.host(try HostName("other")), ago: 99 * Well.day)]
        #expect(Well.verdict(.stopFlags, facts) == .notApplicable)
        facts.stops.append(flag(.fleet, ago: 7 * Well.day))
        #expect(Well.verdict(.stopFlags, facts) == .compliant)
        facts.stops.append(flag(.group("web"), ago: 8 * Well.day))
        #expect(Well.verdict(.stopFlags, facts) == .compliant)
        let judge = ComplianceJudge(policy: Well.policy, declaredStrategy: .btrfs, now: Well.now)
        let result = judge.judge(facts, groups: ["web"]).controls.first { $0.control == .stopFlags }
        #expect(result?.verdict == .nonCompliant)
        #expect(result?.evidence == [77, 77])
        #expect(result?.sentence.contains("\u{1b}") == false)
    }

    @Test func `a good answer from a look that is too old is stale, a bad one stays bad`() throws {
        var facts = try Well.facts()
        let look = try #require(facts.observation)
        facts.observation = ComplianceFacts.Observation(
            at: Well.ago(2 * Well.day + 1), isReachable: true, isComplete: true, strategy: look.strategy,
            evidence: look.evidence)
        facts.blanks = [blank("1234", first: 9_999_999, last: 2 * Well.day + 1)]
        facts.safeSnapshots = [SafeDataset(name: "a", newest: Well.ago(2 * Well.day + 2))]
        facts.eraseGuard = .failsClosed
        var policy = Well.policy
        policy.eraseFailClosed = true
        policy.safeSnapshotMaxAge = 9 * 86_400
        for control in [Control.reachable, .eraseMechanism, .eraseFailClosed, .blankUnchanged, .safeSnapshots] {
            #expect(Well.verdict(control, facts, policy: policy) == .stale, "\(control)")
        }
        facts.eraseGuard = .failsOpen
        #expect(Well.verdict(.eraseFailClosed, facts, policy: policy) == .nonCompliant)
    }

    @Test func `every answer but that nothing was ever seen names its evidence and its age`() throws {
        var facts = try Well.facts()
        facts.safeSnapshots = [SafeDataset(name: "a", newest: Well.ago(10))]
        facts.eraseGuard = .failsClosed
        var policy = Well.policy
        policy.eraseFailClosed = true
        policy.safeSnapshotMaxAge = 3_600
        for result in Well.judge(facts, policy: policy).controls where result.control != .stopFlags {
            #expect(result.evidenceAt != nil, "\(result.control)")
            #expect(!result.evidence.isEmpty, "\(result.control)")
        }
    }
}
