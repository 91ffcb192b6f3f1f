import EbbModel

/// A host's settings as written: its jump hosts are names still.
struct WrittenHost {
    var settings: HostSettings
    /// The jump hosts, nearest to the controller first.
    var jumps: [JumpName] = []
    /// Where the jump hosts were written.
    var jumpLocation: SourceLocation?
    /// What nobody wrote.
    var open: Set<Inventory.OpenSetting> = []
}

/// Merged variables → typed settings.
struct HostDecoder {
    /// What is decoded for one host.
    struct Input {
        let host: HostName
        let groups: [String]
        let variables: YAMLValue
        let budgetGroup: String?
    }

    let context: InventoryContext
    let problems: ProblemCollector

    /// Every host's settings; jump hosts are resolved once all connections are known.
    func hosts(_ inputs: [Input]) -> [Inventory.Host] {
        let written = inputs.map(decoded)
        let known = Dictionary(zip(inputs.map(\.host), written), uniquingKeysWith: { first, _ in first })
        let jumps = JumpResolver(known: known, user: context.user, problems: problems)
        return zip(inputs, written).map { input, written in
            var settings = written.settings
            settings.connection.jumps = jumps.jumps(of: written)
            return Inventory.Host(
                name: input.host, settings: settings, listing: { Origins.of(input.variables) }, open: written.open)
        }
    }

    private func decoded(_ input: Input) -> WrittenHost {
        var written = WrittenHost(
            settings: HostSettings(
                host: input.host, groups: input.groups,
                connection: ConnectionSettings(host: input.host, address: input.host.text, user: context.user)))
        let decoder = ConnectionDecoder(context: context, problems: problems)
        decoder.decode(MapReader(input.variables, name: "", problems: problems), into: &written)
        if let value = input.variables["ebb"] {
            let ebb = MapReader(value, name: "ebb", problems: problems)
            ebb.read(HostSettings.declared, into: &written.settings)
            ebb.finish()
            checkPresets(ebb)
            PathRules(problems: problems).check(written.settings, ebb)
        }
        written.settings.reboot.budgetGroup = input.budgetGroup
        decoder.complete(&written)
        return written
    }

    /// Reports presets that the catalogue does not have, those that are taken out among them.
    private func checkPresets(_ ebb: MapReader) {
        guard let known = context.presets else { return }
        for entry in ebb.value("presets")?.entries ?? [] where !known.contains(entry.key) {
            problems.error(
                at: entry.value.location, "no preset is called “\(PrintableText.line(entry.key))”",
                hint: Suggestion.hint(for: entry.key, among: known))
        }
    }
}

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

/// Variables → how a host is reached, before its jump hosts are known.
struct ConnectionDecoder {
    let context: InventoryContext
    let problems: ProblemCollector

    /// Reads Ansible's variables into the connection.
    func decode(_ map: MapReader, into written: inout WrittenHost) {
        var variables = AnsibleVariables()
        map.read(AnsibleVariables.declared, into: &variables)
        var connection = written.settings.connection
        connection.address = variables.address ?? connection.address
        connection.port = variables.port ?? connection.port
        connection.user = variables.user ?? connection.user
        connection.identityFiles = variables.keyFile.map { [$0] } ?? []
        connection.password = variables.password.map { .given($0) }
        if variables.becomes {
            connection.become = Become(
                method: variables.becomeMethod, user: variables.becomeUser, password: variables.becomePassword)
        }
        if variables.address == nil { written.open.insert(.address) }
        if variables.port == nil { written.open.insert(.port) }
        if variables.user == nil { written.open.insert(.user) }
        written.settings.connection = connection
        readArguments(variables.commonArguments, "ansible_ssh_common_args", map, &written)
        readArguments(variables.extraArguments, "ansible_ssh_extra_args", map, &written)
        warnOfOtherConnections(variables.connection, map)
    }

    /// Fills in what nobody wrote, once `ebb` is read as well.
    func complete(_ written: inout WrittenHost) {
        var connection = written.settings.connection
        connection.identityFiles = connection.identityFiles.map(context.controllerPath)
        connection.knownHostsFiles = connection.knownHostsFiles.map(context.controllerPath)
        if connection.identityFiles.isEmpty { written.open.insert(.identityFiles) }
        if written.jumps.isEmpty { written.open.insert(.jumps) }
        if connection.knownHostsFiles.isEmpty {
            written.open.insert(.knownHosts)
            connection.knownHostsFiles = ConnectionSettings.knownHostsFiles(home: context.home)
        }
        written.settings.connection = connection
    }

    private func readArguments(_ text: String?, _ key: String, _ map: MapReader, _ written: inout WrittenHost) {
        guard let text, let location = map.value(key)?.location else { return }
        let options = SSHArguments(text)
        if !options.jumps.isEmpty {
            written.jumps = options.jumps
            written.jumpLocation = location
        }
        written.settings.connection.identityFiles += options.identityFiles
        if let only = options.identitiesOnly { written.settings.connection.identitiesOnly = only }
        if !options.knownHostsFiles.isEmpty { written.settings.connection.knownHostsFiles = options.knownHostsFiles }
        if options.wantsNoHostKeys {
            problems.warning(
                at: location, "\(key) would switch host keys off; Ebb checks them anyway",
                hint: "`ebb doctor --trust` pins the keys of new hosts")
        }
        for word in options.unread {
            problems.warning(
                at: location, "\(key): “\(PrintableText.line(word))” was ignored",
                hint: "Ebb reads ProxyJump, IdentityFile, IdentitiesOnly and UserKnownHostsFile")
        }
    }

    private func warnOfOtherConnections(_ connection: String?, _ map: MapReader) {
        let known: Set<String> = ["ssh", "smart", "paramiko", "paramiko_ssh", "libssh"]
        guard let connection, !known.contains(connection), !connection.hasSuffix(".libssh") else { return }
        problems.warning(
            at: map.value("ansible_connection")?.location,
            "ansible_connection “\(PrintableText.line(connection))” is not known: " + "Ebb reaches hosts over SSH")
    }
}
