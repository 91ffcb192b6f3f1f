import EbbModel

/// A connection as written, its jump hosts still names.
struct WrittenConnection {
    var settings: ConnectionSettings
    /// The jump hosts, nearest to the controller first.
    var jumps: [JumpName] = []
    /// Where the jump hosts were written.
    var jumpLocation: SourceLocation?
    /// What nobody wrote.
    var open: Set<Inventory.OpenSetting> = []
}

/// Variables → how a host is reached.
struct ConnectionDecoder {
    let context: InventoryContext
    let problems: ProblemCollector

    func decoded(_ input: HostDecoder.Input) -> WrittenConnection {
        let variables = MapReader(input.variables, name: "", problems: problems)
        var written = WrittenConnection(
            settings: ConnectionSettings(
                host: input.host, address: input.host.text, user: context.user))
        if let address = variables.scalar("ansible_host", "a name or an address", Self.address) {
            written.settings.address = address
        } else {
            written.open.insert(.address)
        }
        if let port = variables.scalar("ansible_port", "a port", Self.port) {
            written.settings.port = port
        } else {
            written.open.insert(.port)
        }
        if let user = variables.scalar("ansible_user", "a user's name", Self.user) {
            written.settings.user = user
        } else {
            written.open.insert(.user)
        }
        let keyFile = variables.scalar("ansible_ssh_private_key_file", "a file", Self.plain)
        if let keyFile { written.settings.identityFiles = [context.controllerPath(keyFile)] }
        written.settings.become = become(variables)
        let password = variables.scalar("ansible_password", "a text", Self.plain)
        written.settings.password = password.map { .given(Secret($0)) }
        readArguments(variables, into: &written)
        readEbb(variables, into: &written)
        remark(variables)
        if written.settings.identityFiles.isEmpty { written.open.insert(.identityFiles) }
        if written.settings.knownHostsFiles.isEmpty { written.open.insert(.knownHosts) }
        if written.jumps.isEmpty { written.open.insert(.jumps) }
        if written.settings.knownHostsFiles.isEmpty {
            written.settings.knownHostsFiles = ConnectionSettings.knownHostsFiles(
                home: context.home)
        }
        return written
    }

    private func become(_ variables: MapReader) -> Become? {
        let isWanted = variables.bool("ansible_become")
        let method: Become.Method? = variables.choice("ansible_become_method")
        let user = variables.scalar("ansible_become_user", "a user's name", Self.user)
        let password = variables.scalar("ansible_become_password", "a text", Self.plain)
        guard isWanted == true else { return nil }
        return Become(
            method: method ?? .sudo, user: user ?? "root", password: password.map(Secret.init))
    }

    private func readArguments(_ variables: MapReader, into written: inout WrittenConnection) {
        for key in ["ansible_ssh_common_args", "ansible_ssh_extra_args"] {
            guard let value = variables.value(key),
                let text = variables.scalar(key, "options of ssh", { $0 })
            else { continue }
            let options = SSHArguments(text)
            if !options.jumps.isEmpty {
                written.jumps = options.jumps
                written.jumpLocation = value.location
            }
            for file in options.identityFiles {
                written.settings.identityFiles.append(context.controllerPath(file))
            }
            if let only = options.identitiesOnly { written.settings.identitiesOnly = only }
            if !options.knownHostsFiles.isEmpty {
                written.settings.knownHostsFiles = options.knownHostsFiles.map(
                    context.controllerPath)
            }
            if options.wantsNoHostKeys {
                problems.warning(
                    at: value.location, "\(key) would switch host keys off; Ebb checks them anyway",
                    hint: "`ebb doctor --trust` pins the keys of new hosts")
            }
            for word in options.unread {
                problems.warning(
                    at: value.location, "\(key): “\(PrintableText.line(word))” was left aside",
                    hint: "Ebb reads ProxyJump, IdentityFile, IdentitiesOnly and UserKnownHostsFile"
                )
            }
        }
    }

    private func readEbb(_ variables: MapReader, into written: inout WrittenConnection) {
        guard let value = variables.value("ebb"), value.entries != nil else { return }
        let ebb = MapReader(value, name: "ebb", problems: problems)
        if let adapter: ConnectionSettings.Adapter = ebb.choice("connection") {
            written.settings.adapter = adapter
        }
        if let files = ebb.strings("known_hosts") {
            written.settings.knownHostsFiles = files.map(context.controllerPath)
        }
        if let files = ebb.strings("identity_files") {
            written.settings.identityFiles = files.map(context.controllerPath)
        }
        if ebb.bool("password_prompt") == true, written.settings.password == nil {
            written.settings.password = .asked
        }
    }

    private func remark(_ variables: MapReader) {
        let spoken: Set<String> = ["ssh", "smart", "paramiko", "paramiko_ssh", "libssh"]
        if let value = variables.value("ansible_connection"), let text = value.text,
            !spoken.contains(text), !text.hasSuffix(".libssh")
        {
            problems.warning(
                at: value.location,
                "ansible_connection “\(PrintableText.line(text))” is not known: "
                    + "Ebb reaches hosts over SSH")
        }
    }

    private static func plain(_ text: String) -> String? {
        text.isEmpty || MapReader.isTemplate(text) ? nil : text
    }

    private static func address(_ text: String) -> String? {
        guard let text = plain(text), !text.hasPrefix("-") else { return nil }
        let isFit = text.unicodeScalars.allSatisfy {
            switch $0 {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_", ":", "%": true
            default: $0.properties.isAlphabetic || $0.properties.numericType != nil
            }
        }
        return isFit ? text : nil
    }

    private static func port(_ text: String) -> Int? {
        Int(text).flatMap { (1...65_535).contains($0) ? $0 : nil }
    }

    private static func user(_ text: String) -> String? {
        guard let text = plain(text), !text.hasPrefix("-"),
            !text.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 32 })
        else { return nil }
        return text
    }
}
