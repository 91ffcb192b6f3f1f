import EbbModel
import EbbTestSupport
import Foundation
import Testing

extension RealHosts {
    /// What a user does with the four hosts, and what can go wrong.
    @Suite struct FleetTests {
        @Test func `a freshly booted fleet is clean, and drift names what was written by hand`() async throws {
            try await Lab.fresh { lab in
                let before = try await lab.json(DriftDocument.self, "drift")
                #expect(before.ended.status == 0, "\(before.ended.output)")
                #expect(before.document.complete)
                for host in before.document.hosts { #expect(host.entries.isEmpty, "\(host.host): \(host.entries)") }

                for host in Lab.hosts { try await lab.ssh(host, "echo by hand > /root/notes-\(host)") }
                let after = try await lab.json(DriftDocument.self, "drift", "--new")
                #expect(after.ended.status == 3)
                for name in Lab.hosts {
                    let host = try #require(after.document.host(name))
                    #expect(host.entries.map(\.path) == ["/root/notes-\(name)"])
                    #expect(host.entries.first?.verdict == "unexplained")
                }
                #expect(after.document.host("pi1")?.strategy == "overlay")
                #expect(after.document.host("db1")?.strategy == "btrfs")
            }
        }

        @Test func `a rolling reboot proves four boots, erases what nobody declared, keeps the rest`() async throws {
            try await Lab.fresh { lab in
                for host in Lab.hosts { try await lab.ssh(host, "echo junk > /root/junk; echo kept > /persist/kept") }
                let run = try await lab.json(RolloutDocument.self, "reboot", "run", "all", "--yes")
                #expect(run.ended.status == 0, "\(run.ended.output)\(run.ended.error)")
                #expect(run.document.hosts.count == 4)
                for host in run.document.hosts {
                    #expect(host.state == "proven", "\(host.host): \(host.message)")
                    #expect(host.erasure == "erased")
                    #expect(host.retention == "kept")
                    #expect(host.bootBefore != nil && host.bootBefore != host.bootAfter)
                }
                for host in Lab.hosts { try await lab.ssh(host, "test ! -e /root/junk && grep -q kept /persist/kept") }
                let rows = try await lab.ssh("db1", "sudo -u postgres psql -At shop -c 'select count(*) from orders'")
                #expect(rows.contains("1000"))
            }
        }

        @Test func `an erase that was skipped, a lost storage and a host that stays away differ`() async throws {
            try await Lab.fresh { lab in
                try lab.changeInventory("group_vars/all.yml", "failure_budget: 1", "failure_budget: 9")
                try lab.changeInventory("group_vars/all.yml", "max_unavailable: 1", "max_unavailable: 4")
                try lab.changeInventory("group_vars/all.yml", "timeout: 5m", "timeout: 25s")
                try await Lab.lab("fault", "builder1", "skip-erase", "skip-erase-scratch")
                try await Lab.lab("fault", "nas1", "lose-persist")
                try await Lab.lab("fault", "pi1", "never-back")
                let run = try await lab.json(RolloutDocument.self, "reboot", "run", "all", "--yes")
                #expect(run.ended.status == 4)
                #expect(run.document.host("builder1")?.reason == "not-erased")
                #expect(run.document.host("builder1")?.state == "failed")
                #expect(run.document.host("nas1")?.reason == "persist-not-mounted")
                #expect(run.document.host("nas1")?.state == "failed")
                #expect(run.document.host("pi1")?.reason == "never-back")
                #expect(run.document.host("pi1")?.state == "inconclusive")
                #expect(run.document.host("db1")?.state == "proven")

                let stored = try await lab.json(RolloutDocument.self, "reboot", "status")
                #expect(stored.document.hosts.map(\.reason) == run.document.hosts.map(\.reason))
                try await Lab.lab("fault", "pi1", "clear")
            }
        }

        @Test func `four ways of not reaching a host differ, and the other hosts are complete`() async throws {
            try await Lab.fresh { lab in
                let bad = lab.scratch + "/bad"
                try FileManager.default.createDirectory(atPath: bad, withIntermediateDirectories: true)
                for name in ["user", "host"] {
                    let made = try await Program.run(
                        "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(bad)/\(name)"])
                    try #require(made.status == 0, "\(made.error)")
                }
                let key = try String(contentsOfFile: bad + "/host.pub", encoding: .utf8).split(separator: " ").prefix(2)
                    .joined(separator: " ")
                let pinned = try String(contentsOfFile: Lab.state + "/known_hosts", encoding: .utf8).split(
                    separator: "\n"
                ).filter { !$0.contains("127.0.3.11]") }
                try (pinned.joined(separator: "\n") + "\n[127.0.3.11]:2222 \(key)\n").write(
                    toFile: bad + "/known_hosts", atomically: true, encoding: .utf8)
                try lab.changeInventory("group_vars/all.yml", Lab.state + "/known_hosts", bad + "/known_hosts")
                try await BlackHole.lend { address in
                    try lab.changeInventory(
                        "hosts.yml", "{ansible_host: 127.0.3.12}",
                        "{ansible_host: 127.0.3.12, ansible_ssh_private_key_file: \(bad)/user}")
                    try lab.changeInventory(
                        "hosts.yml", "{ansible_host: 127.0.3.13}", "{ansible_host: 127.0.3.13, ansible_port: 2299}")
                    try lab.changeInventory(
                        "hosts.yml", "        pi1:", "        hole: {ansible_host: \(address)}\n        pi1:")
                    let drift = try await lab.json(DriftDocument.self, "drift", "--connect-timeout", "4s")
                    #expect(drift.ended.status == 4)
                    let expected = [
                        "builder1": "hostKeyMismatch", "db1": "authenticationFailed", "nas1": "connectRefused",
                        "hole": "connectTimedOut",
                    ]
                    for (name, code) in expected {
                        let host = try #require(drift.document.host(name))
                        #expect(host.outcome == "unreachable")
                        #expect(host.gaps.first?.message.contains(code) == true, "\(name): \(host.gaps.map(\.message))")
                    }
                    let pi = try #require(drift.document.host("pi1"))
                    #expect(pi.complete && pi.outcome == "ok")
                }
            }
        }
    }
}
