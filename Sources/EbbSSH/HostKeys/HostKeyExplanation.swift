import EbbModel
package import EbbTransport

extension HostKeyPolicy.Verdict {
    /// A key that is not accepted, in words: what was seen, what was pinned, and how to find out which of
    /// the two is right.
    package func explanation(key: HostKey, address: String, port: Int) -> String {
        let name = KnownHosts.name(of: address, port: port)
        let seen = "\(key.algorithm) \(key.fingerprint)"
        switch self {
        case .accepted: return "The host key \(seen) of \(name) is pinned."
        case .unknown:
            return """
                No host key is pinned for \(name), which shows \(seen). Compare it with what \
                'ssh-keygen -lf' prints for /etc/ssh/ssh_host_*_key.pub on the host's own console, \
                then pin it with 'ebb doctor --trust'.
                """
        case .mismatch(let pins):
            let pinned = pins.prefix(4).map { pin in
                "\(pin.key.algorithm) \(pin.key.fingerprint) (\(pin.file):\(pin.line))"
            }
            return """
                The host key of \(name) changed: it shows \(seen), pinned is \
                \(pinned.joined(separator: ", ")). Either another machine answers, or the host made \
                new keys because its old ones were erased at a boot. Look at its console; if the \
                new key is really its own, remove the pinned line, then 'ebb doctor --trust', and \
                declare /etc/ssh/ssh_host_* as persistent.
                """
        case .revoked(let pin):
            return """
                \(name) shows \(seen), which is marked as revoked in \(pin.file):\(pin.line). \
                Whoever stole the key can pose as the host: make new host keys on its console.
                """
        case .authorityOnly(let pin):
            return """
                \(name) shows the plain key \(seen), and only a certificate authority is pinned \
                (\(pin.file):\(pin.line)), which libssh2 cannot check. Pin the plain key with \
                'ebb doctor --trust', or set 'connection: openssh' for this host.
                """
        }
    }

    /// The code under which a refusal is reported; nil for an accepted key.
    package var code: TransportError.Code? {
        switch self {
        case .accepted: nil
        case .unknown: .hostKeyUnknown
        case .mismatch: .hostKeyMismatch
        case .revoked: .hostKeyRevoked
        case .authorityOnly: .hostKeyUnsupported
        }
    }
}

extension HostKeyPolicy {
    /// The error with which a key of a host is refused; nil for an accepted key.
    func refusal(of key: HostKey, shownBy settings: ConnectionSettings) -> TransportError? {
        let verdict = verdict(on: key)
        guard let code = verdict.code else { return nil }
        return TransportError(
            code, phase: .hostKey, host: settings.host,
            verdict.explanation(key: key, address: settings.address, port: settings.port),
            cause: HostKeyRefusal(
                key: key, verdict: verdict, name: KnownHosts.name(of: settings.address, port: settings.port),
                files: files))
    }
}
