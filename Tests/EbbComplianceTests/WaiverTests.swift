import EbbCompliance
import FoundationEssentials
import Testing

@testable import EbbModel

@Suite struct WaiverTests {
    private func facts() throws -> ComplianceFacts {
        var facts = try Well.facts()
        facts.provenBoot = nil
        return facts
    }

    private func policy(_ waivers: Waiver...) -> CompliancePolicy {
        var policy = Well.policy
        policy.waivers = waivers
        return policy
    }

    private func waiver(_ control: Control = .provenBoot, until: String = "2027-01-31") -> Waiver {
        Waiver(control: control, reason: "no console", by: "ops", until: until)
    }

    @Test func `a waiver covers a control, shows, and keeps what it covers`() throws {
        let result = Well.judge(try facts(), policy: policy(waiver()))
        let control = try #require(result.controls.first { $0.control == .provenBoot })
        #expect(control.verdict == .waived)
        #expect(control.finding == .unknown)
        #expect(control.waiver == waiver())
        #expect(result.verdict == .waived)
        #expect(result.exitStatus == .success)
        #expect(result.waiverProblems == [])
    }

    @Test func `a waiver ends with the last second of its last day in UTC`() throws {
        let midnight = 1_801_440_000.0  // 2027-02-01T00:00:00Z
        for (offset, expected) in [(-0.001, .waived), (0, .unknown)] as [(Double, ComplianceVerdict)] {
            let result = Well.judge(
                ComplianceFacts(host: try HostName("a")), policy: policy(waiver()),
                now: Date(timeIntervalSince1970: midnight + offset))
            let control = result.controls.first { $0.control == .provenBoot }
            #expect(control?.verdict == expected)
            #expect(result.waiverProblems.isEmpty == (expected == .waived))
        }
    }

    @Test func `a waiver with an instant ends at that instant, wherever it was written`() throws {
        for (text, at) in [
            ("2027-02-01T00:00:00Z", 1_801_440_000.0), ("2027-02-01T01:00:00+01:00", 1_801_440_000),
            ("2027-01-31T19:00:00-05:00", 1_801_440_000),
        ] {
            let waiver = waiver(until: text)
            #expect(waiver.endsAt == Date(timeIntervalSince1970: at), "\(text)")
            #expect(waiver.holds(at: Date(timeIntervalSince1970: at - 0.001)))
            #expect(!waiver.holds(at: Date(timeIntervalSince1970: at)))
        }
        // Without its zone it would be another instant for another reader.
        #expect(waiver(until: "2027-02-01T00:00:00").endsAt == nil)
    }

    @Test func `a waiver that cannot be read is reported and does nothing`() throws {
        for bad in [waiver(until: "soon"), waiver(until: "2027-02-30")] {
            let result = Well.judge(try facts(), policy: policy(bad))
            #expect(result.verdict == .unknown)
            #expect(result.waiverProblems.count == 1)
        }
    }

    @Test func `a waiver of another control and of one that is well changes nothing`() throws {
        let result = Well.judge(try Well.facts(), policy: policy(waiver(), waiver(.leakedState)))
        #expect(result.verdict == .compliant)
        #expect(result.controls.allSatisfy { $0.waiver == nil })
    }
}
