/// How a host is reached: everything that a transport needs, already decided.
package struct ConnectionSettings: Hashable, Sendable, Codable {
    /// Which program speaks SSH.
    package enum Adapter: String, Sendable, Codable, CaseIterable {
        /// libssh2, and the `ssh` program where the key exchange cannot agree.
        case auto
        case libssh2
        case openssh
    }

    /// The host's name in the inventory.
    package let host: HostName
    /// Name or address to connect to.
    package var address: String
    /// TCP port.
    package var port: Int
    /// User to log in as.
    package var user: String
    /// Private key files, in the order in which they are tried.
    package var identityFiles: [String]
    /// Whether keys of an agent that are not among `identityFiles` stay unused.
    package var identitiesOnly: Bool
    /// The password to log in with once no key is accepted; `nil` where keys alone may.
    package var password: LoginPassword?
    /// Files with pinned host keys, in OpenSSH's format.
    package var knownHostsFiles: [String]
    /// Hosts to go through, nearest to the controller first.
    package var jumps: [ConnectionSettings]
    /// How to become root once logged in; `nil` when the login user already is what is wanted.
    package var become: Become?
    /// Which program speaks SSH.
    package var adapter: Adapter

    package init(
        host: HostName, address: String, port: Int = 22, user: String = "root", identityFiles: [String] = [],
        identitiesOnly: Bool = false, password: LoginPassword? = nil, knownHostsFiles: [String] = [],
        jumps: [ConnectionSettings] = [], become: Become? = nil, adapter: Adapter = .auto
    ) {
        (self.host, self.address, self.port, self.user) = (host, address, port, user)
        (self.identityFiles, self.identitiesOnly, self.password) = (identityFiles, identitiesOnly, password)
        (self.knownHostsFiles, self.jumps, self.become, self.adapter) = (knownHostsFiles, jumps, become, adapter)
    }

    /// Where OpenSSH keeps the pinned host keys of a user with this home.
    package static func knownHostsFiles(home: String) -> [String] {
        [home + "/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"]
    }
}

/// How a login user becomes another one.
package struct Become: Hashable, Sendable, Codable {
    /// The program that changes the user.
    package enum Method: String, Sendable, Codable, CaseIterable { case sudo, doas }

    package let method: Method
    /// The user to become.
    package let user: String
    /// The password for `method`; travels on standard input only and is never stored.
    package let password: Secret?

    package init(method: Method = .sudo, user: String = "root", password: Secret? = nil) {
        (self.method, self.user, self.password) = (method, user, password)
    }
}
