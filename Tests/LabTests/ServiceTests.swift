import EbbTestSupport
import Foundation
import Testing

extension RealHosts {
    /// What happens while nobody types.
    @Suite struct ServiceTests {
        @Test func `the scheduler is killed in the middle, and each host boots once all the same`() async throws {
            try await Lab.fresh { _ in
                let seed = Int.random(in: 1...32_000)
                let ended = try await Program.run(
                    Lab.root + "/lab/serve-kills", ["3", String(seed)],
                    environment: ["EBB": Lab.tool, "EBB_KILL_HOSTS": "builder1 nas1"])
                #expect(ended.status == 0, "\(ended.output)\(ended.error)")
                #expect(ended.output.contains("held: 3 kills"))
            }
        }

        @Test func `a check of every playbook reboots nobody and says what would be done`() async throws {
            try await Lab.fresh { lab in
                let before = try await lab.bootIDs()
                try await lab.ssh("nas1", "echo by hand > /root/notes")
                for name in ["drift-report", "rolling-reboot", "compliance"] {
                    let path = Lab.root + "/playbooks/\(name).yml"
                    let played = try await lab.json(PlayDocument.self, "play", path, "--check")
                    #expect(played.document.check)
                    // Somebody's notes would be lost, and that is found.
                    #expect(played.ended.status == 3 || played.ended.status == 4, "\(name)")
                    let drift = try #require(played.document.steps.first)
                    #expect(drift.outcome("nas1") == "failed", "\(name)")
                    #expect(drift.outcome("db1") == "ok", "\(name)")
                    if let reboot = played.document.steps.first(where: { $0.action == "reboot" }) {
                        #expect(reboot.outcome("nas1") == nil, "\(name): it was left out")
                        let message = reboot.hosts.first { $0.host == "db1" }?.message ?? ""
                        #expect(message.hasPrefix("would reboot in wave"), "\(name): \(message)")
                    }
                }
                #expect(try await lab.bootIDs() == before)
            }
        }
    }
}

/// The parts of `ebb.play/1` that the tests read.
struct PlayDocument: Decodable {
    struct Step: Decodable {
        struct Host: Decodable {
            let host: String
            let outcome: String
            let message: String
        }

        let action: String
        let hosts: [Host]

        func outcome(_ name: String) -> String? { hosts.first { $0.host == name }?.outcome }
    }

    let check: Bool
    let steps: [Step]
}
