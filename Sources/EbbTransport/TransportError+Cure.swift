extension TransportError.Code {
    /// What a person can do about it, where that follows from the code alone.
    package var cure: String? {
        switch self {
        case .resolveFailed: "check ansible_host, or the name server"
        case .connectRefused: "check ansible_port, and that sshd runs on the host"
        case .connectTimedOut, .connectFailed: "check the address, the route and the firewall; is the host on?"
        case .bannerTimedOut: "the port is open but no SSH server answers: is sshd overloaded?"
        case .keyExchangeFailed: "the message names what is missing"
        case .keyExchangeTimedOut, .authenticationTimedOut:
            "the server stopped in the middle: look at its load and its log"
        case .hostKeyUnknown: "compare the fingerprint with the host's own (ssh-keygen -lf on its console), then pin it"
        case .hostKeyMismatch:
            "find out why the key changed before anything else: a lost key is lost state, and "
                + "another machine may be answering"
        case .hostKeyRevoked: "this key was revoked on purpose: replace it on the host"
        case .hostKeyUnsupported: "pin a plain key, or use connection: openssh"
        case .identityUnusable: "check the key file, its mode and its passphrase"
        case .authenticationFailed: "check ansible_user and the key against authorized_keys"
        case .channelRefused: "look at MaxSessions and the log of sshd"
        case .becomeFailed: "allow the user sudo without a password (-n), or give the password"
        case .differentMachine:
            "check ansible_host; if it is the same host with a new machine id, record that with "
                + "'ebb doctor --trust'"
        case .commandTimedOut, .connectionLost, .cancelled, .controllerFailed: nil
        }
    }
}
