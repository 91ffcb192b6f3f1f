import EbbModel

/// Replaces the names of jump hosts by connections.
struct JumpResolver {
    let known: [HostName: WrittenConnection]
    /// Who logs in to a jump host that nobody wrote a user for, as `ssh` itself does it.
    let user: String
    let problems: ProblemCollector

    /// The connection with its jumps, nearest to the controller first.
    ///
    /// A jump host of the inventory brings its own settings and jumps; any other one is reached with
    /// the keys and pins of the host behind it.
    func resolved(_ connection: WrittenConnection) -> ConnectionSettings {
        var settings = connection.settings
        settings.jumps = jumps(of: connection, trail: [settings.host])
        return settings
    }

    private func jumps(
        of connection: WrittenConnection, trail: [HostName]
    ) -> [ConnectionSettings] {
        connection.jumps.flatMap { jump in
            hops(to: jump, for: connection, trail: trail)
        }
    }

    private func hops(
        to jump: JumpName, for connection: WrittenConnection, trail: [HostName]
    ) -> [ConnectionSettings] {
        guard let name = try? HostName(jump.host) else {
            problems.error(
                at: connection.jumpLocation,
                "“\(PrintableText.line(jump.host))” cannot be the name of a jump host")
            return []
        }
        if trail.contains(name) {
            let path = (trail + [name]).map(\.text).joined(separator: " → ")
            problems.error(
                at: connection.jumpLocation, "the jump hosts lead in a circle: \(path)",
                hint: "a jump host must be reachable without the hosts behind it")
            return []
        }
        var before: [ConnectionSettings] = []
        var hop: ConnectionSettings
        if let written = known[name] {
            hop = written.settings
            before = jumps(of: written, trail: trail + [name])
        } else {
            hop = connection.settings
            hop = ConnectionSettings(
                host: name, address: jump.host, user: user, identityFiles: hop.identityFiles,
                identitiesOnly: hop.identitiesOnly, knownHostsFiles: hop.knownHostsFiles,
                adapter: hop.adapter)
        }
        hop.become = nil
        if let user = jump.user { hop.user = user }
        if let port = jump.port { hop.port = port }
        return before + [hop]
    }
}
