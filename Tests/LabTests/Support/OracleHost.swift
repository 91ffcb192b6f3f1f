import EbbModel
import Foundation
import Testing

/// A host of the lab on which predictions are compared with what a reboot does.
struct OracleHost: Sendable, CustomTestStringConvertible {
    let name: String
    /// Where the operations work; nothing there is needed to stay reachable.
    let places: [String]

    var testDescription: String { name }

    /// One host of each strategy that containers can have; `EBB_ORACLE_HOSTS` names others.
    static var chosen: [OracleHost] {
        let names = environment["EBB_ORACLE_HOSTS"] ?? "builder1 pi1 kiosk1 gateway1"
        return names.split(separator: " ").map { OracleHost(String($0)) }
    }

    /// How many seeds each host gets.
    static var seeds: Int { environment["EBB_ORACLE_SEEDS"].flatMap { Int($0) } ?? 2 }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    private init(_ name: String) {
        self.name = name
        places =
            switch name {
            // Its /usr is no part of the root.
            case "kiosk1": ["/srv", "/opt", "/etc/skel", "/var/lib/dpkg/info", "/var/lib/pam"]
            case "zfs1":
                [
                    "/srv", "/opt", "/usr/share/doc", "/usr/share/bug", "/usr/share/common-licenses",
                    "/var/lib/dpkg/info",
                ]
            default: ["/srv", "/opt", "/usr/share/doc", "/usr/share/bug", "/usr/share/common-licenses"]
            }
    }

    /// Whether it is a virtual machine.
    private var isGuest: Bool { ["zfs1", "btrfs1", "overlay1", "mkfs1"].contains(name) }

    private var isExtra: Bool { ["kiosk1", "gateway1"].contains(name) }

    private var inventory: String {
        if isGuest { return Lab.root + "/lab/guests/inventory.yml" }
        return Lab.root + (isExtra ? "/lab/more-hosts.yml" : "/inventory")
    }

    /// Starts the host where it is not there, and lends a database and the inventory that has it.
    func lend(_ body: (Lab) async throws -> Void) async throws {
        try await control(isGuest ? "up" : "reset")
        let scratch = try FileManager.default.url(
            for: .itemReplacementDirectory, in: .userDomainMask, appropriateFor: URL(filePath: "/tmp"), create: true
        ).path
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        var lab = Lab(scratch: scratch)
        lab.inventory = inventory
        try await body(lab)
        if isExtra { try await control("down") }
    }

    /// Asks the host to reboot, and waits until it has.
    func reboot() async throws { try await control("reboot") }

    /// Runs the host program as root and returns what it printed.
    func perl(_ verb: String, _ arguments: String...) async throws -> String {
        let words = [HostProgram.text, places.joined(separator: " "), verb] + arguments
        let command = "perl -e " + words.map { RemoteCommand.quoted($0) }.joined(separator: " ")
        let inner = isGuest ? [command] : ["sudo", "sh", "-c", RemoteCommand.quoted(command)]
        let ended = try await Program.run(tool, ["ssh", name] + inner)
        try #require(ended.status == 0, "\(name): \(ended.error)")
        return ended.output
    }

    private var tool: String { Lab.root + (isGuest ? "/lab/guests/guests" : "/lab/lab") }

    private func control(_ verb: String) async throws {
        let ended = try await Program.run(tool, [verb, name])
        try #require(ended.status == 0, "\(verb) \(name): \(ended.output)\(ended.error)")
    }

    /// Adds a line to the file that `EBB_ORACLE_LOG` names.
    static func note(_ line: String) throws {
        guard let path = environment["EBB_ORACLE_LOG"] else { return }
        let file = URL(filePath: path)
        let before = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        try (before + line + "\n").write(to: file, atomically: true, encoding: .utf8)
    }
}
