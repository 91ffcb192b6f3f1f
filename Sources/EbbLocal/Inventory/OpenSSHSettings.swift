package import EbbInventory
package import EbbModel
import FoundationEssentials

/// Completes connections with what OpenSSH's own files say, where the inventory leaves it open.
///
/// Every connection goes through it, whoever chose the host: another address, port or user than the
/// person's own `ssh` uses would be a guess.
package actor OpenSSHSettings {
    private let open: [HostName: Set<Inventory.OpenSetting>]
    private let program: String
    private var known: [HostName: ConnectionSettings] = [:]

    /// `home` is where `.ssh/config` lies; `program` is asked as `ssh -G`.
    package init(_ hosts: [Inventory.Host], home: String, program: String = "ssh") {
        let files = [home + "/.ssh/config", "/etc/ssh/ssh_config"]
        self.program = program
        // `ssh -G` costs a process for each host: not where it could only repeat its defaults.
        guard files.contains(where: { Self.decidesAnything($0, depth: 0) }) else {
            open = [:]
            return
        }
        open = Dictionary(hosts.map { ($0.name, $0.open) }, uniquingKeysWith: { first, _ in first })
    }

    /// The connection as it is to be made; each host is asked about once.
    package func completed(_ connection: ConnectionSettings) async throws(ProgramFailure) -> ConnectionSettings {
        guard let open = open[connection.host], !open.isEmpty else { return connection }
        if let known = known[connection.host] { return known }
        let completed = try await completed(connection, open)
        known[connection.host] = completed
        return completed
    }

    private func completed(_ connection: ConnectionSettings, _ open: Set<Inventory.OpenSetting>)
        async throws(ProgramFailure) -> ConnectionSettings
    {
        let answer = try await ask(connection.address)
        var jumps: [ConnectionSettings] = []
        for text in open.contains(.jumps) ? answer.jumps : [] {
            let behind = answer.completing(connection, open: open, jumps: [])
            guard let jump = OpenSSHAnswer.jump(text, for: behind) else {
                throw ProgramFailure(.notRun, "ProxyJump \(PrintableText.line(text)) names no host")
            }
            // These name no jumps of their own: `ssh` reads them off one chain.
            jumps.append(try await completed(jump.connection, jump.open))
        }
        return answer.completing(connection, open: open, jumps: jumps)
    }

    /// Asks the `ssh` program; it resolves nothing and connects nowhere.
    private func ask(_ name: String) async throws(ProgramFailure) -> OpenSSHAnswer {
        let ended = try await Program(
            program, ["-G", "--", name], variables: ["LC_ALL": "C"], limit: .seconds(60), maxOutput: 1 << 20,
            kept: .beginning
        ).run()
        guard ended.isSuccess else { throw ProgramFailure(.notRun, "ssh -G failed: \(ended.lastLine)") }
        return OpenSSHAnswer(String(decoding: ended.output, as: UTF8.self))
    }

    /// Whether a configuration file could say more than OpenSSH's defaults.
    private static func decidesAnything(_ path: String, depth: Int) -> Bool {
        guard let data = FileManager.default.contents(atPath: path) else { return false }
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if line.utf8.first == UInt8(ascii: "#") { continue }
            let words = line.split { " \t=\"".contains($0) }
            guard let keyword = words.first?.lowercased(), !keyword.hasPrefix("#") else { continue }
            switch keyword {
            case "hostname", "port", "user", "identityfile", "identitiesonly", "proxyjump", "userknownhostsfile",
                "globalknownhostsfile", "match":
                return true
            case "include":
                // The one Include that systems come with is looked into; any other may say anything.
                let folder = "/etc/ssh/ssh_config.d"
                guard depth == 0, words.dropFirst() == ["\(folder)/*.conf"] else { return true }
                let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
                let parts = names.filter { $0.hasSuffix(".conf") }.map { "\(folder)/\($0)" }
                if parts.contains(where: { decidesAnything($0, depth: 1) }) { return true }
            default: break
            }
        }
        return false
    }
}
