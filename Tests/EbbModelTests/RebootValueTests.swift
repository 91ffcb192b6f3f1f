import EbbModel
import Foundation
import Testing

@Suite struct RebootValueTests {
    @Test(arguments: [
        (RebootSettings.Count.hosts(3), 10, 3), (.hosts(30), 10, 10), (.hosts(0), 10, 1), (.percent(25), 10, 2),
        (.percent(1), 10, 1), (.rest, 10, 10), (.rest, 0, 1),
    ]) func `a share of hosts is never none and never more than there are`(
        count: RebootSettings.Count, total: Int, hosts: Int
    ) { #expect(count.resolved(of: total) == hosts) }

    @Test func `only states in which nothing was sent let a host be told again`() {
        let untouched = AttemptState.allCases.filter { !$0.mayHaveRebooted }
        #expect(untouched == [.planned, .preflight, .canaries, .skipped])
        #expect(AttemptState.allCases.filter(\.isFinal) == [.proven, .failed, .inconclusive, .skipped])
    }

    @Test func `a stop flag holds until its first instant without it, for whom it names`() throws {
        let now = Date(timeIntervalSince1970: 1_000)
        let host = try HostName("db1")
        let flag = StopFlag(
            scope: .group("database"), reason: "r", author: "a", setAt: now, expiresAt: now.addingTimeInterval(60))
        #expect(flag.holds(at: now.addingTimeInterval(59)))
        #expect(!flag.holds(at: now.addingTimeInterval(60)))
        #expect(flag.concerns(host, in: ["database", "all"]))
        #expect(!flag.concerns(host, in: ["nas"]))
        let forever = StopFlag(scope: .host(host), reason: "r", author: "a", setAt: now)
        #expect(forever.holds(at: .distantFuture))
        #expect(forever.concerns(host, in: []))
        #expect(!forever.concerns(try HostName("db2"), in: []))
    }

    @Test func `only erased and kept together prove a boot`() {
        for erasure in BootVerdict.Erasure.allCases {
            for retention in BootVerdict.Retention.allCases {
                let verdict = BootVerdict(erasure: erasure, retention: retention, reasons: [])
                let isKept = retention == .kept || retention == .notApplicable
                #expect(verdict.isProven == (erasure == .erased && isKept))
            }
        }
    }

    @Test func `precision and recall are not made up without anything to count`() {
        var comparison = BootComparison()
        #expect(comparison.precision == nil)
        #expect(comparison.recall == nil)
        comparison.undetermined = 5
        #expect(comparison.precision == nil)
        comparison.undone = 3
        comparison.survived = 1
        comparison.missed = 2
        #expect(comparison.precision == 0.75)
        #expect(comparison.recall == 0.6)
    }

    @Test func `paths at risk are the two verdicts that nobody agreed to`() {
        #expect(PathVerdict.allCases.filter(\.isAtRisk) == [.leaked, .unexplained])
    }
}

@Suite struct CauseChainTests {
    @Test func `a file that cannot be read is told in a sentence`() throws {
        let error = #expect(throws: (any Error).self) { try Data(contentsOf: URL(filePath: "/nosuch/file")) }
        let failure = Failure(.usage, "no key", cause: error)
        #expect(causeChain(of: failure) == ["no key", "/nosuch/file: there is no such file"])
    }
}
