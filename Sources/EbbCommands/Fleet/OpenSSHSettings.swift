import EbbEngine
import EbbInventory
import EbbModel
import EbbSSH
import EbbTransport
import FoundationEssentials

/// Completes connections with what OpenSSH's own files say, where the inventory leaves it open.
enum OpenSSHSettings {
    /// The hosts' settings, each asked of `ssh -G` once; unchanged where no file says anything.
    static func completing(
        _ hosts: [Inventory.Host], notes: Notes
    ) async throws -> [HostSettings] {
        let home = GlobalOptions.environment("HOME") ?? "/root"
        let files = [home + "/.ssh/config", "/etc/ssh/ssh_config"]
        // `ssh -G` costs a process for each host: not where it could only repeat its defaults.
        guard files.contains(where: { decidesAnything($0, depth: 0) }) else {
            return hosts.map(\.settings)
        }
        let answers = await fanOut(over: hosts, limit: 4) { host in
            do throws(TransportError) {
                return Result<HostSettings, TransportError>.success(try await completed(host))
            } catch {
                return .failure(error)
            }
        }
        return try zip(hosts, answers).map { host, result in
            switch result {
            case .success(let settings): return settings
            case .failure(let error):
                // Guessing another port or user than the person's own `ssh` uses would be worse.
                throw Failure(
                    .toolFailure, "\(host.name.text): OpenSSH's settings cannot be read",
                    hint: "`ssh -G \(host.name.text)` shows what is wrong", cause: error)
            }
        }
    }

    private static func completed(
        _ host: Inventory.Host
    ) async throws(TransportError) -> HostSettings {
        var settings = host.settings
        guard !host.open.isEmpty else { return settings }
        let said = try await OpenSSHDefaults.read(for: settings.connection.address, of: host.name)
        var connection = settings.connection
        if host.open.contains(.address), let name = said.hostName { connection.address = name }
        if host.open.contains(.port), let port = said.port { connection.port = port }
        if host.open.contains(.user), let user = said.user { connection.user = user }
        if host.open.contains(.identityFiles), !said.hasDefaultIdentities {
            connection.identityFiles = said.identityFiles
            connection.identitiesOnly = said.identitiesOnly
        }
        if host.open.contains(.knownHosts) { pins(said, &connection) }
        if host.open.contains(.jumps) {
            var jumps: [ConnectionSettings] = []
            for jump in said.jumps { jumps.append(try await self.jump(jump, for: connection)) }
            connection.jumps = jumps
        }
        settings.connection = connection
        return settings
    }

    /// A jump host that only OpenSSH's files name: they also say how it is reached.
    private static func jump(
        _ text: String, for behind: ConnectionSettings
    ) async throws(TransportError) -> ConnectionSettings {
        guard let written = JumpName(text), let name = try? HostName(written.host) else {
            throw TransportError(
                .resolveFailed, phase: .resolve, host: behind.host,
                "ProxyJump \(PrintableText.line(text)) names no host.")
        }
        let said = try await OpenSSHDefaults.read(for: written.host, of: name)
        var jump = ConnectionSettings(
            host: name, address: said.hostName ?? written.host,
            port: written.port ?? said.port ?? 22,
            user: written.user ?? said.user ?? behind.user,
            knownHostsFiles: behind.knownHostsFiles, adapter: behind.adapter)
        if !said.hasDefaultIdentities {
            jump.identityFiles = said.identityFiles
            jump.identitiesOnly = said.identitiesOnly
        }
        pins(said, &jump)
        return jump
    }

    /// Files that pin nothing (`/dev/null`) switch no check off here.
    private static func pins(_ said: OpenSSHDefaults, _ connection: inout ConnectionSettings) {
        let files = said.knownHostsFiles.filter { $0 != "/dev/null" }
        if !files.isEmpty { connection.knownHostsFiles = files }
    }

    /// Whether a configuration file could say more than OpenSSH's defaults.
    private static func decidesAnything(_ path: String, depth: Int) -> Bool {
        guard let data = FileManager.default.contents(atPath: path) else { return false }
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if line.utf8.first == UInt8(ascii: "#") { continue }
            let words = line.split { " \t=\"".contains($0) }
            guard let keyword = words.first?.lowercased(), !keyword.hasPrefix("#") else { continue }
            switch keyword {
            case "hostname", "port", "user", "identityfile", "identitiesonly", "proxyjump",
                "userknownhostsfile", "globalknownhostsfile", "match":
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
