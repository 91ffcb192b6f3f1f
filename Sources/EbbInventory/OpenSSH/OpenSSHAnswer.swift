package import EbbModel

/// What the user's OpenSSH configuration says of a host, as `ssh -G` prints it.
package struct OpenSSHAnswer: Hashable, Sendable {
    var hostName: String?
    var port: Int?
    var user: String?
    var identityFiles: [String] = []
    var identitiesOnly = false
    var knownHostsFiles: [String] = []
    /// The jump hosts, nearest to the controller first, as `user@host:port`.
    package private(set) var jumps: [String] = []

    /// Reads the output of `ssh -G`: one keyword and its value a line.
    package init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: " ", maxSplits: 1)
            guard fields.count == 2 else { continue }
            let value = String(fields[1])
            switch fields[0] {
            case "hostname": hostName = value
            case "port": port = Int(value)
            case "user": user = value
            case "identityfile": identityFiles.append(value)
            case "identitiesonly": identitiesOnly = value == "yes"
            case "userknownhostsfile", "globalknownhostsfile":
                // Files that pin nothing switch no check off here.
                knownHostsFiles += value.split(separator: " ").map(String.init).filter {
                    $0 != "none" && $0 != "/dev/null"
                }
            case "proxyjump" where value != "none": jumps = value.split(separator: ",").map(String.init)
            default: break
            }
        }
    }

    /// Whether no file names a key: then it is a list of all that `ssh` would try.
    private var hasDefaultIdentities: Bool {
        identityFiles.count >= 4 && identityFiles.allSatisfy { $0.hasPrefix("~/.ssh/id_") }
    }

    /// Fills in what the inventory leaves open; `jumps` are the answers' own jump hosts, completed.
    package func completing(
        _ connection: ConnectionSettings, open: Set<Inventory.OpenSetting>, jumps: [ConnectionSettings]
    ) -> ConnectionSettings {
        var connection = connection
        if open.contains(.address), let hostName { connection.address = hostName }
        if open.contains(.port), let port { connection.port = port }
        if open.contains(.user), let user { connection.user = user }
        if open.contains(.identityFiles), !hasDefaultIdentities {
            connection.identityFiles = identityFiles
            connection.identitiesOnly = identitiesOnly
        }
        if open.contains(.knownHosts), !knownHostsFiles.isEmpty { connection.knownHostsFiles = knownHostsFiles }
        if open.contains(.jumps) { connection.jumps = jumps }
        return connection
    }

    /// A jump host that only OpenSSH's files name, as written there, and what is open of it.
    package static func jump(_ text: String, for behind: ConnectionSettings) -> (
        connection: ConnectionSettings, open: Set<Inventory.OpenSetting>
    )? {
        guard let written = JumpName(text), let name = try? HostName(written.host) else { return nil }
        var open: Set<Inventory.OpenSetting> = [.address, .identityFiles, .knownHosts]
        if written.port == nil { open.insert(.port) }
        if written.user == nil { open.insert(.user) }
        let connection = ConnectionSettings(
            host: name, address: written.host, port: written.port ?? 22, user: written.user ?? behind.user,
            knownHostsFiles: behind.knownHostsFiles, adapter: behind.adapter)
        return (connection, open)
    }
}
