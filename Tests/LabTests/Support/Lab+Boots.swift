import EbbModel
import Foundation
import Testing

extension Lab {
    /// The boot id of each host, asked with the system's own client.
    func bootIDs() async throws -> [String: String] {
        var boots: [String: String] = [:]
        for host in Self.hosts {
            boots[host] = try await ssh(host, "cat /proc/sys/kernel/random/boot_id").trimmingCharacters(
                in: .whitespacesAndNewlines)
        }
        return boots
    }

    /// How often the lab has started each host since it was made fresh.
    func bootCounts() async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for host in Self.hosts {
            let now = try String(contentsOfFile: Self.state + "/hosts/\(host)/boots", encoding: .utf8)
            let total = Int(now.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
            counts[host] = total - (bootsBefore[host] ?? 0) + 1
        }
        return counts
    }

    /// Starts the tool, kills it without warning, and returns how it ended.
    func killedAfter(milliseconds: Int, _ arguments: String...) async throws -> Int32 {
        let line = ([Self.tool, "--inventory", inventory, "--database", database] + arguments).map {
            RemoteCommand.quoted($0)
        }.joined(separator: " ")
        let seconds = "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst())"
        let ended = try await Program.run(
            "/usr/bin/timeout", ["--signal=KILL", seconds, "/bin/sh", "-c", "exec " + line])
        return ended.status
    }
}
