import EbbModel

/// Replaces the names of jump hosts by connections.
struct JumpResolver {
    let known: [HostName: WrittenHost]
    /// Who logs in to a jump host that nobody wrote a user for, as `ssh` itself does it.
    let user: String
    let problems: ProblemCollector

    /// The jumps of a host, nearest to the controller first.
    ///
    /// A jump host of the inventory brings its own settings and jumps; any other one is reached with
    /// the keys and pins of the host behind it.
    func jumps(of host: WrittenHost, trail: [HostName] = []) -> [ConnectionSettings] {
        host.jumps.flatMap { hops(to: $0, for: host, trail: trail + [host.settings.host]) }
    }

    private func hops(to jump: JumpName, for host: WrittenHost, trail: [HostName]) -> [ConnectionSettings] {
        guard let name = try? HostName(jump.host) else {
            problems.error(
                at: host.jumpLocation, "“\(PrintableText.line(jump.host))” cannot be the name of a jump host")
            return []
        }
        if trail.contains(name) {
            let path = (trail + [name]).map(\.text).joined(separator: " → ")
            problems.error(
                at: host.jumpLocation, "the jump hosts lead in a circle: \(path)",
                hint: "a jump host must be reachable without the hosts behind it")
            return []
        }
        var before: [ConnectionSettings] = []
        var hop: ConnectionSettings
        if let written = known[name] {
            hop = written.settings.connection
            before = jumps(of: written, trail: trail)
        } else {
            hop = host.settings.connection
            hop = ConnectionSettings(
                host: name, address: jump.host, user: user, identityFiles: hop.identityFiles,
                identitiesOnly: hop.identitiesOnly, knownHostsFiles: hop.knownHostsFiles, adapter: hop.adapter)
        }
        hop.become = nil
        if let user = jump.user { hop.user = user }
        if let port = jump.port { hop.port = port }
        return before + [hop]
    }
}
