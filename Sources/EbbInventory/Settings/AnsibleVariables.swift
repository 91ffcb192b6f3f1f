import EbbModel

/// Ansible's variables that say how a host is reached, as they are written.
struct AnsibleVariables: SettingsMap {
    var address: String?
    var port: Int?
    var user: String?
    var keyFile: String?
    var password: Secret?
    var becomes = false
    var becomeMethod = Become.Method.sudo
    var becomeUser = "root"
    var becomePassword: Secret?
    var commonArguments: String?
    var extraArguments: String?
    var connection: String?

    static let unset = Self()
    /// The variables that Ebb understands, beside its own.
    static let declared: [Setting<Self>] = [
        Setting(
            "ansible_host", \.address, .named("a name or an address", isAddress), "name or address",
            standard: "the host's name"), Setting("ansible_port", \.port, .port, "port", standard: "22"),
        Setting("ansible_user", \.user, .user, "who logs in", standard: "you"),
        Setting("ansible_ssh_private_key_file", \.keyFile, .plain, "key file", standard: "what `ssh` would use"),
        Setting(
            "ansible_password", \.password, .secret,
            "tried once no key is accepted, as a password or as the answer to a hidden question; "
                + "shown as `•••`, in no argument, log or database"),
        Setting("ansible_become", \.becomes, .bool, "whether to become another user after login"),
        Setting("ansible_become_user", \.becomeUser, .user, "who"),
        Setting("ansible_become_method", \.becomeMethod, .choice, "how"),
        Setting("ansible_become_password", \.becomePassword, .secret, "travels on standard input only, shown as `•••`"),
        Setting(
            "ansible_ssh_common_args", \.commonArguments, .arguments,
            "`-J`/`ProxyJump`, `ProxyCommand ssh -W`, `-i`/`IdentityFile`, `IdentitiesOnly`, " + "`UserKnownHostsFile`"),
        Setting("ansible_ssh_extra_args", \.extraArguments, .arguments, "the same"),
        Setting(
            "ansible_connection", \.connection, .arguments, "anything but SSH is pointed out and ignored",
            standard: "ssh"),
    ]

    /// Ansible's older names, and what they are called today.
    static let aliases: [String: String] = [
        "ansible_ssh_host": "ansible_host", "ansible_ssh_port": "ansible_port", "ansible_ssh_user": "ansible_user",
        "ansible_private_key_file": "ansible_ssh_private_key_file", "ansible_become_pass": "ansible_become_password",
        "ansible_ssh_pass": "ansible_password", "ansible_ssh_password": "ansible_password",
    ]

    /// The names in `declared`.
    static let names = Set(declared.map { $0.entry(nil).key })

    private static func isAddress(_ text: String) -> Bool {
        !text.hasPrefix("-")
            && text.unicodeScalars.allSatisfy {
                switch $0 {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_", ":", "%": true
                default: $0.properties.isAlphabetic || $0.properties.numericType != nil
                }
            }
    }
}

extension SettingKind where Value == String {
    fileprivate static var user: Self {
        named("a user's name") { text in
            !text.hasPrefix("-") && !text.unicodeScalars.contains { $0.properties.isWhitespace || $0.value < 32 }
        }
    }

    /// A text that may be anything.
    fileprivate static var arguments: Self { scalar("a text") { $0 } }
}
