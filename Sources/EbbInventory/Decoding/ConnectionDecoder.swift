import EbbModel

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
