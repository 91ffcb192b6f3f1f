import EbbProbe
import EbbTestSupport
import Foundation
import Testing

@testable import EbbModel

/// Scripts are run by the real shells of this machine.
@Suite(.blocking) struct ProbeScriptTests {
    let nonce = ProbeNonce.random()

    func ask(_ probes: [ProbeScript.Probe], shell: [String]) throws -> ProbeReport {
        let run = try RealShell.run(ProbeScript(nonce: nonce, probes: probes).bytes, shell: shell)
        #expect(run.status == 0)
        #expect(run.error.isEmpty, "\(String(decoding: run.error, as: UTF8.self))")
        return ProbeReport(parsing: run.output, nonce: nonce)
    }

    @Test func `every shell brings back output, status and standard error of each probe`() throws {
        for shell in RealShell.shells {
            let report = try ask(
                [
                    .init(name: "plain", shell: "printf 'a\\nb'"), .init(name: "empty", shell: ":"),
                    .init(name: "status", shell: "echo out; exit 7"),
                    .init(name: "complaint", shell: "echo out; echo 'one\ntwo' >&2"),
                    .init(name: "missing", shell: "no-such-program-anywhere"),
                    .init(name: "syntax", shell: "if then ("), .init(name: "greedy", shell: "cat; echo still here"),
                    .init(name: "binary", shell: "printf '\\000\\377\\n\\n'"),
                    .init(name: "quoted", command: RemoteCommand("printf", "%s", "'\"$x`\n")),
                    .init(name: "last", shell: "echo done"),
                ], shell: shell)
            #expect(report.isComplete)
            #expect(try report.output(of: "plain") == Array("a\nb".utf8))
            #expect(try report.output(of: "empty") == [])
            #expect(try report.result(of: "status").status == 7)
            #expect(try report.result(of: "status").output == Array("out\n".utf8))
            #expect(try report.result(of: "complaint").gap?.reason == .complained)
            #expect(try report.result(of: "complaint").gap?.message == "one\ntwo")
            #expect(try report.result(of: "missing").gap?.reason == .toolMissing)
            #expect(try report.result(of: "syntax").gap != nil)
            #expect(try report.line(of: "greedy") == "still here")
            #expect(try report.output(of: "binary") == [0, 0xFF, 10, 10])
            #expect(try report.output(of: "quoted") == Array("'\"$x`\n".utf8))
            #expect(try report.line(of: "last") == "done")
        }
    }

    @Test func `a probe that hangs is stopped on the host and the next one still runs`() throws {
        for shell in RealShell.shells {
            let report = try ask(
                [.init(name: "hang", shell: "sleep 60", limit: 1), .init(name: "next", shell: "echo fine")],
                shell: shell)
            #expect(try report.result(of: "hang").gap?.reason == .timedOut)
            #expect(try report.line(of: "next") == "fine")
        }
    }

    @Test func `a probe whose shell is killed ends then, and leaves no process`() async throws {
        for shell in RealShell.shells {
            let report = try ask(
                [
                    .init(name: "killed", shell: "sleep 987654 & echo $!; kill -9 $$"),
                    .init(name: "next", shell: "echo fine"),
                ], shell: shell)
            let killed = try report.result(of: "killed")
            #expect(killed.status == 137 && killed.gap != nil, "\(shell): \(killed)")
            #expect(try report.line(of: "next") == "fine")
            let sleeper = String(decoding: killed.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            // Gone, or without memory and waiting for its parent to ask.
            let isGone = try await Poll.until {
                (try? String(contentsOfFile: "/proc/\(sleeper)/cmdline", encoding: .utf8)).map(\.isEmpty) ?? true
            }
            #expect(isGone, "\(shell): \(sleeper)")
        }
    }

    @Test func `a flood on standard error is bounded and keeps its end`() throws {
        for shell in RealShell.shells {
            let report = try ask(
                [.init(name: "flood", shell: "yes 0123456789 | head -n 100000 >&2; echo end >&2")], shell: shell)
            let result = try report.result(of: "flood")
            #expect(result.standardError.count <= 16_384)
            #expect(result.gap?.message.hasSuffix("end") == true)
        }
    }

    @Test func `a script that was cut on its way runs nothing`() throws {
        let script = ProbeScript(nonce: nonce, probes: [.init(name: "effect", shell: "echo happened")]).bytes
        for shell in RealShell.shells {
            for length in stride(from: 0, to: script.count - 22, by: 97) {
                let run = try RealShell.run(Array(script.prefix(length)), shell: shell)
                let report = ProbeReport(parsing: run.output, nonce: nonce)
                #expect(!report.isComplete && report.results.isEmpty, "\(shell) at \(length)")
            }
        }
    }

    @Test func `the environment of the host does not change what a probe sees`() throws {
        let run = try RealShell.run(
            ProbeScript(nonce: nonce, probes: [.init(name: "locale", shell: "echo $LC_ALL ${LANGUAGE-unset}; umask")])
                .bytes, environment: ["LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"])
        let report = ProbeReport(parsing: run.output, nonce: nonce)
        #expect(try report.output(of: "locale") == Array("C unset\n0077\n".utf8))
    }
}
