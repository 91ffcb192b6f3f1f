import EbbProbe
import EbbTestSupport
import EbbTransport
import Testing

@testable import EbbEngine
@testable import EbbModel

/// Questions that a real shell answers, and what is made of answers that do not arrive whole.
@Suite struct HostSessionTests {
    private static let probes = [
        ProbeScript.Probe(name: "good", shell: "echo one; echo two"),
        ProbeScript.Probe(name: "fails", shell: "echo part; exit 3"),
        ProbeScript.Probe(name: "complains", shell: "echo part; echo disk error >&2"),
        ProbeScript.Probe(name: "eats", shell: "cat >/dev/null; echo fed"),
        ProbeScript.Probe(name: "missing", shell: "ebb-no-such-program"),
        ProbeScript.Probe(name: "last", shell: "printf '%s' end"),
    ]

    private func ask(_ shell: LocalShell) async throws -> ProbeReport {
        let host = try HostName("here")
        let settings = HostSettings(host: host, connection: ConnectionSettings(host: host, address: "here"))
        return try await shell.withConnection(to: settings.connection, timeout: .seconds(5)) {
            connection throws(TransportError) in
            try await HostSession(settings: settings, connection: connection).ask(Self.probes, timeout: .seconds(30))
                .report
        }
    }

    private func gap(_ report: ProbeReport, _ name: String) -> ProbeGap.Reason? {
        do throws(ProbeGap) {
            _ = try report.output(of: name)
            return nil
        } catch { return error.reason }
    }

    @Test func `each question has an answer of its own, or a reason of its own`() async throws {
        let report = try await ask(LocalShell())
        #expect(report.isComplete)
        #expect(try report.output(of: "good") == Array("one\ntwo\n".utf8))
        #expect(try report.output(of: "eats") == Array("fed\n".utf8))
        #expect(try report.line(of: "last") == "end")
        #expect(gap(report, "fails") == .failed)
        #expect(gap(report, "complains") == .complained)
        #expect(gap(report, "missing") == .toolMissing)
    }

    @Test func `wherever an answer is cut, no part of it is taken for the whole`() async throws {
        let whole = try await ask(LocalShell())
        var reports = 0
        for cut in stride(from: 0, through: 4_000, by: 29) {
            do {
                let report = try await ask(LocalShell { Array($0.prefix(cut)) })
                reports += 1
                for (name, result) in report.results {
                    #expect(result.output == whole.results[name]?.output, "cut at \(cut)")
                    #expect(result.status == whole.results[name]?.status, "cut at \(cut)")
                }
                if report.isComplete { break }
                let missing = Self.probes.filter { report.results[$0.name] == nil }
                #expect(missing.allSatisfy { gap(report, $0.name) == .truncated }, "cut at \(cut)")
            } catch let error as TransportError {
                // Of the script's own marks not even the first arrived.
                #expect(error.code == .becomeFailed && reports == 0, "cut at \(cut)")
            }
        }
        #expect(reports > 1)
    }
}
