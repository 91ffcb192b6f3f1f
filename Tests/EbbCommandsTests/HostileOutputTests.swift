import EbbStore
import EbbTestSupport
import Foundation
import Testing

@testable import EbbModel

/// What a host said is shown again by every command that reads it from the database: as text, on one
/// line, and never as something that a terminal obeys.
@Suite struct HostileOutputTests {
    private static let texts = [
        "<script>alert(1)</script>", "=cmd()|' /C calc'!A0", "\"; DROP TABLE host", "\u{1B}[2J\u{1B}]0;owned\u{7}",
        "two\nlines\r", "\u{202E}txt.exe\u{2028}", "\u{9B}31m", String(repeating: "a", count: 10_000),
    ]

    private static let commands =
        [
            "history web1", "history web1 --format json", "drift --stored", "drift --stored --tree",
            "drift --stored --by-path", "drift --stored --all-verdicts --no-fold", "drift --stored --format json",
            "drift --stored --format ndjson", "compliance report", "compliance report --format json", "reboot plan all",
            "reboot plan all --format json", "reboot status 1", "reboot status 1 --format json", "inventory show web1",
            "inventory show web1 --format json", "database check", "database verify",
        ]
        + ["json", "ndjson", "csv", "findings-csv", "markdown", "html", "junit", "metrics", "sarif", "oscal"].map {
            "compliance export --format \($0)"
        }

    @Test(arguments: commands) func `a command shows what a host said, and no terminal obeys it`(command: String)
        async throws
    {
        let directory = NSTemporaryDirectory() + "ebb-hostile-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory + "/inventory", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try Store.open(directory + "/ebb.sqlite")
        try await Self.fill(store)
        try Self.inventory.write(toFile: directory + "/inventory/hosts.yml", atomically: true, encoding: .utf8)
        let answer = try await BuiltTool.run(
            command.split(separator: " ").map(String.init), in: directory, environment: ["EBB_DATABASE": "ebb.sqlite"])
        #expect([0, 3, 4].contains(answer.status), "\(answer.errors.prefix(2_000))")
        #expect(answer.output.count > 20, "\(answer)")
        for text in [answer.output, answer.errors] {
            let loud = text.unicodeScalars.first { scalar in
                switch scalar.properties.generalCategory {
                case .control: scalar != "\n" && !(scalar == "\r" && command.hasSuffix("csv"))
                case .format, .lineSeparator, .paragraphSeparator: true
                default: false
                }
            }
            #expect(loud == nil, "\(loud.map(\.value) ?? 0)")
            #expect(!text.contains("this was not expected"), "\(text.prefix(2_000))")
        }
    }

    private static let inventory: String = {
        let reasons = texts.enumerated().map { index, text in
            let escaped = text.unicodeScalars.map {
                "\\u" + String(repeating: "0", count: 4 - String($0.value, radix: 16).count)
                    + String($0.value, radix: 16)
            }.joined()
            return """
                {path: "/srv/\(index)", reason: "\(escaped)", by: "\(escaped)", until: 2099-01-01}
                """
        }
        return """
            all:
              hosts:
                web1: {ansible_host: 127.0.0.1, ansible_port: 1}
              vars:
                ebb:
                  root: {strategy: tmpfs}
                  persist: [{mount: /persist}]
                  accept: [\(reasons.joined(separator: ", "))]

            """
    }()

    private static func fill(_ store: Store) async throws {
        let host = try HostName("web1")
        let now = Date()
        let first = try #require(BootID("11111111-2222-4333-8444-000000000001"))
        let second = try #require(BootID("11111111-2222-4333-8444-000000000002"))
        let look = try await store.recordEvidence(
            host: host, at: now.addingTimeInterval(-600),
            parts: [EvidencePart(name: "drift", bytes: Array(texts.joined().utf8))], toolVersion: "0.1.0")
        try await store.recordObservation(
            look,
            Observation(
                host: host, observedAt: now.addingTimeInterval(-600),
                facts: HostFacts(bootID: second, kernel: texts.joined(), system: texts[3], failedUnits: texts),
                strategy: .tmpfs, gaps: texts.map { ProbeGap(probe: "drift", reason: .failed, message: $0) }))
        try await store.recordDrift(
            look,
            entries: texts.enumerated().map { index, text in
                DriftEntry(
                    change: PathChange(
                        path: BytePath("/srv/" + text), change: .added, kind: .symlink, size: 9,
                        linkTarget: BytePath(text)), verdict: index % 2 == 0 ? .leaked : .unexplained,
                    stateClass: .unknown, reason: text, suggestion: text)
            }.inStoreOrder,
            declared: texts.map { text in
                DeclaredFinding(
                    entry: PersistenceEntry(path: "/var/" + text, mechanism: .bind), verdict: .missing, reason: text)
            })
        try await store.recordCanaries(host: host, boot: second, [], at: now.addingTimeInterval(-900))
        try await store.recordBootVerdict(
            host: host, second, BootVerdict(erasure: .notErased, retention: .unknown, reasons: texts),
            at: now.addingTimeInterval(-800))
        let rollout = try await store.beginRollout(
            pattern: texts.joined(separator: ":"), plan: "{}", planHash: texts[3],
            controller: ControllerIdentity(
                hostname: texts.joined(), pid: 7, startedAt: now.addingTimeInterval(-700), bootID: nil),
            hosts: [RolloutHost(host: host, wave: 0)], at: now.addingTimeInterval(-700))
        let attempt = try #require(try await store.attempts(of: rollout).first)
        for state in [AttemptState.preflight, .canaries, .intent, .sent] {
            try await store.advance(
                attempt.id, to: state, at: now.addingTimeInterval(-650),
                AttemptChange(bootIDBefore: first, deadline: now))
        }
        try await store.advance(
            attempt.id, to: .inconclusive, at: now.addingTimeInterval(-500), AttemptChange(reason: texts.joined()))
        try await store.setStopFlag(
            StopFlag(
                scope: .host(host), reason: texts.joined(), author: texts.joined(), setAt: now.addingTimeInterval(-60),
                expiresAt: nil))
    }
}
