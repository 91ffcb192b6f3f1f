import EbbClassifier
import EbbProbe
import Foundation
import Testing

@testable import EbbModel

/// What a real host answered about the traps of `lab/traps/leaks.sh`, captured by `lab/traps/capture-leaks`.
@Suite struct LeakTrapTests {
    struct Trap: Sendable, CustomTestStringConvertible {
        let name: String
        let mechanism: Mechanism
        let verdict: DeclaredFinding.Verdict
        /// What the reason must speak of.
        let words: String

        var testDescription: String { name }
        var path: String { "/traps/" + name }

        init(_ name: String, _ mechanism: Mechanism, _ verdict: DeclaredFinding.Verdict, _ words: String) {
            self.name = name
            self.mechanism = mechanism
            self.verdict = verdict
            self.words = words
        }
    }

    static let traps = [
        Trap("link", .symlink, .inEffect, "is a link to"),
        Trap("link-renamed-over", .symlink, .leaked, "taken the place of the link"),
        Trap("link-recreated", .symlink, .leaked, "taken the place of the link"),
        Trap("link-elsewhere", .symlink, .leaked, "points to /etc/issue"),
        Trap("link-dangling", .symlink, .missing, "nothing is at"),
        Trap("tmpfiles-link", .symlink, .leaked, "a directory has taken the place"),
        Trap("file", .bind, .inEffect, "is mounted over"),
        Trap("file-replaced-behind", .bind, .leaked, "shows a file that was replaced"),
        Trap("file-renamed-over", .bind, .inEffect, "is mounted over"),
        Trap("directory", .bind, .inEffect, "is mounted over"),
        Trap("directory-not-mounted", .bind, .leaked, "is not mounted there"),
        Trap("directory-in-memory", .bind, .leaked, "is in memory"),
        Trap("directory-other-mounted", .bind, .leaked, "something other than"),
        Trap("directory-mode", .bind, .wrongAttributes, "mode is 0755, declared 0700"),
    ]

    static func findings() throws -> [String: DeclaredFinding] {
        var settings = HostSettings(
            host: try HostName("nas1"), connection: ConnectionSettings(host: try HostName("nas1"), address: "there"))
        settings.persist = [PersistentStorage(mount: "/persist")]
        let entries = traps.sorted { $0.path < $1.path }.map { trap in
            PersistenceEntry(
                path: trap.path, mechanism: trap.mechanism, target: "/persist" + trap.path,
                owner: trap.name == "directory-mode" ? "root" : nil, mode: trap.name == "directory-mode" ? 0o700 : nil)
        }
        let nonce = ProbeNonce.random()
        var parser = ObservationParser(
            ObservationScript(settings: settings, declared: entries, nonce: nonce, includingDrift: false))
        parser.feed(try answer(nonce))
        let observation = parser.finish(observedAt: Date(timeIntervalSince1970: 0))
        let judge = DeclaredJudge(settings: settings, mounts: observation.facts.mounts)
        return Dictionary(
            uniqueKeysWithValues: judge.findings(entries, states: observation.declared).map { ($0.entry.path, $0) })
    }

    /// The evidence as the host sent it: each answer between its marks.
    static func answer(_ nonce: ProbeNonce) throws -> [UInt8] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "EbbProbeTests/Fixtures/leaks.facts")
        let data = try Data(contentsOf: file)
        var bytes: [UInt8] = []
        for name in ["mounts", "declared"] {
            let begin = try #require(data.range(of: Data("== \(name)\n".utf8)))
            let end = try #require(data.range(of: Data("\n== \(name): status 0\n".utf8)))
            bytes += Array("\n\(nonce.text) begin \(name)\n".utf8)
            bytes += data[begin.upperBound..<end.lowerBound]
            bytes += Array("\n\(nonce.text) status 0\n\n\(nonce.text) end \(name)\n".utf8)
        }
        return bytes + Array("\n\(nonce.text) complete\n".utf8)
    }

    @Test(arguments: traps) func `a declared path that is not kept any more is told from one that is`(trap: Trap) throws
    {
        let finding = try #require(try Self.findings()[trap.path])
        #expect(finding.verdict == trap.verdict, "\(finding.reason)")
        #expect(finding.reason.contains(trap.words), "\(finding.reason)")
    }
}
