import EbbCompliance
import EbbReport
import FoundationEssentials
import Testing

@testable import EbbModel

/// A small fleet with one host of every kind, and texts that want to break something.
enum Fleet {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// Every text here does harm in some format if it is written as it is.
    static let hostile = [
        "<script>alert(1)</script>", "=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\"; DROP TABLE host;--",
        "\u{1B}[31mred\u{1B}]0;title\u{7}", "line\nbreak\r\nhere", "]]><!--", "&amp;&#x3c;",
        "a|b`c`[x](http://evil.invalid)", "\u{202E}gnp.exe", "\u{0}\u{8}", "{{constructor}}", "\\\" onload=\"x",
        "# EOF", "', \"a\": 1}", "\u{FEFF}=1", "＝1+1", "; rm -rf /", "日本語 ø \u{301}", "a\"\u{301},b\"\u{301},c",
        "x<\u{338}y",
    ]

    static func facts(
        _ name: String, boot: BootVerdict? = BootVerdict(erasure: .erased, retention: .kept, reasons: ["canary gone"]),
        age: Double = 86_400, reachable: Bool = true
    ) throws -> ComplianceFacts {
        let id = try #require(BootID("11111111-2222-4333-8444-555555555555"))
        let at = now.addingTimeInterval(-age)
        let seen = ComplianceFacts.Boot(
            bootID: id, firstSeen: at, judgedAt: boot == nil ? nil : at, verdict: boot, evidence: boot == nil ? nil : 7)
        let looked = now.addingTimeInterval(-3_600)
        let judgement = ComplianceFacts.Observation(at: looked, isComplete: true, evidence: 9)
        return ComplianceFacts(
            host: try HostName(name),
            observation: ComplianceFacts.Observation(
                at: looked, isReachable: reachable, isComplete: reachable, strategy: .btrfs, evidence: 8,
                gaps: reachable ? [] : hostile), judgement: judgement, completeJudgement: judgement, lastBoot: seen,
            provenBoot: boot?.isProven == true ? seen : nil,
            blanks: [
                ComplianceFacts.Blank(identity: "1234", firstSeen: looked.addingTimeInterval(-90), lastSeen: looked)
            ])
    }

    static func path(_ bytes: [UInt8], _ text: String, leaked: Bool) -> ComplianceFacts.Path {
        ComplianceFacts.Path(
            path: BytePath(bytes: bytes), kind: .file, verdict: leaked ? .leaked : .unexplained, stateClass: .unknown,
            size: 18, firstSeen: now.addingTimeInterval(-900_000), reason: text, suggestion: text)
    }

    static func report(hosts names: [String]? = nil, changing change: (inout ComplianceFacts) -> Void = { _ in }) throws
        -> ComplianceReport
    {
        var policy = CompliancePolicy()
        var facts = try [
            facts("builder1"), facts("db1", age: 40 * 86_400), facts("nas1", reachable: false),
            facts("pi1", boot: BootVerdict(erasure: .notErased, retention: .kept, reasons: hostile)),
            ComplianceFacts(host: HostName("ghost")), facts("old1", boot: nil),
        ]
        let texts = hostile + [String(repeating: "A", count: 10_240)]
        facts[3].paths = texts.enumerated().map { index, text in
            path(Array("/".utf8) + Array(text.utf8), text, leaked: index % 2 == 0)
        }
        facts[3].paths.append(path([0x2F, 0xFF, 0x0A], "bytes", leaked: false))
        facts[3].atRisk = [
            ComplianceFacts.AtRisk(verdict: .leaked, firstSeen: now.addingTimeInterval(-900_000), count: 12, bytes: 99),
            ComplianceFacts.AtRisk(verdict: .unexplained, firstSeen: now.addingTimeInterval(-900_000), count: 400),
        ]
        facts[3].declared = texts.map {
            DeclaredFinding(entry: PersistenceEntry(path: "/" + $0, mechanism: .bind), verdict: .missing, reason: $0)
        }
        for index in facts.indices { change(&facts[index]) }
        policy.waivers = hostile.map { Waiver(control: .lastBoot, reason: $0, by: $0, until: "2027-12-31") }
        let plain = ComplianceJudge(policy: CompliancePolicy(), declaredStrategy: .btrfs, now: now)
        let waiving = ComplianceJudge(policy: policy, declaredStrategy: .btrfs, now: now)
        let judged = facts.map { facts in (facts.host.text == "old1" ? waiving : plain).judge(facts, groups: hostile) }
        let trend = (0..<30).map { day in
            DriftDay(at: now.addingTimeInterval(Double(day - 29) * 86_400), unexplained: 40 - day, leaked: day % 5)
        }
        return ComplianceReport(
            generatedAt: now, periodStart: now.addingTimeInterval(-29 * 86_400),
            provenance: ComplianceReport.Provenance(
                toolVersion: "0.1.0", inventoryHash: String(repeating: "ab", count: 32), chainLength: 1_234,
                chainHead: String(repeating: "0f", count: 32)),
            hosts: judged.filter { names?.contains($0.host.text) ?? true }, trend: trend)
    }
}
