import EbbModel

/// The configuration file with which `ssh` reaches one host as its settings say.
///
/// The settings come first, and the first value wins; what they leave open (certificates, hardware
/// keys, GSSAPI) still comes from the user's own configuration.
struct OpenSSHConfiguration {
    /// A setting that no configuration file can hold.
    struct Unusable: Error { let value: String }

    /// The name under which `ssh` is asked for the host.
    static let target = "ebb-target"
    let text: String

    /// Every host on the way, under the name that `ssh` has for it, the target last.
    static func hops(of settings: ConnectionSettings) -> [(name: String, settings: ConnectionSettings)] {
        settings.jumps.enumerated().map { ("ebb-jump-\($0)", $1) } + [(target, settings)]
    }

    /// `knownHosts` is a script that gets a hop's name and the key that the hop shows, and prints more
    /// known_hosts lines for the hop.
    init(_ settings: ConnectionSettings, knownHosts: String) throws(Unusable) {
        var lines: [String] = []
        var through: String?
        for (name, settings) in Self.hops(of: settings) {
            lines += try Self.host(name, settings, through: through)
            lines.append("  KnownHostsCommand /bin/sh \(knownHosts) \(name) %K")
            through = name
        }
        lines += ["Match all", "  Include ~/.ssh/config", "  Include /etc/ssh/ssh_config", ""]
        text = lines.joined(separator: "\n")
    }

    private static func host(_ name: String, _ settings: ConnectionSettings, through: String?) throws(Unusable)
        -> [String]
    {
        var lines = [
            "Host \(name)", "  HostName \(try quoted(settings.address))", "  Port \(settings.port)",
            "  User \(try quoted(settings.user))",
            // A password is asked of Ebb's own program, and once.
            settings.password == nil ? "  BatchMode yes" : "  NumberOfPasswordPrompts 1", "  StrictHostKeyChecking yes",
            "  UpdateHostKeys no", "  CheckHostIP no",
            // Of ProxyJump and ProxyCommand, OpenSSH keeps the one that comes first.
            through.map { "  ProxyJump \($0)" } ?? "  ProxyCommand none", "  ClearAllForwardings yes",
            "  ForwardAgent no", "  ForwardX11 no", "  PermitLocalCommand no", "  RemoteCommand none",
            "  RequestTTY no", "  EscapeChar none", "  ServerAliveInterval 15", "  ServerAliveCountMax 3",
        ]
        for file in settings.identityFiles { lines.append("  IdentityFile \(try quoted(file))") }
        if settings.identitiesOnly || !settings.identityFiles.isEmpty {
            lines.append("  IdentitiesOnly \(settings.identitiesOnly ? "yes" : "no")")
        }
        if !settings.knownHostsFiles.isEmpty {
            var files: [String] = []
            for file in settings.knownHostsFiles { files.append(try quoted(file)) }
            lines.append("  UserKnownHostsFile \(files.joined(separator: " "))")
            lines.append("  GlobalKnownHostsFile none")
        }
        return lines
    }

    /// A value in quotes; `%` would start a token.
    private static func quoted(_ value: String) throws(Unusable) -> String {
        let isPlain = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x5C }
        guard isPlain, !value.isEmpty, !value.hasPrefix("-") else { throw Unusable(value: value) }
        let escaped = value.unicodeScalars.split(separator: "%", omittingEmptySubsequences: false)
        return "\"\(escaped.map(String.init).joined(separator: "%%"))\""
    }
}
