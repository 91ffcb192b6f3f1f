import EbbModel
package import EbbTransport

/// Decides whether a host key is the one that was pinned.
package struct HostKeyPolicy: Sendable {
    /// What is known of a key that a peer proved to own.
    package enum Verdict: Hashable, Sendable {
        case accepted
        /// Nothing is pinned for the address.
        case unknown
        /// Other keys are pinned for the address.
        case mismatch([KnownHosts.Pin])
        /// The key is marked as revoked.
        case revoked(KnownHosts.Pin)
        /// Only a certificate authority is pinned, and the host showed a plain key.
        case authorityOnly(KnownHosts.Pin)
    }

    /// The pins for the address in question.
    package let pins: [KnownHosts.Pin]
    /// Where they were looked for.
    var files: [String] = []

    /// The verdict on a key; a revoked key stays revoked wherever else it is pinned, and whoever
    /// vouches for it.
    package func verdict(on key: HostKey) -> Verdict {
        let certificate = key.certificate
        let shown = [key, certificate?.key, certificate?.authority].compactMap { $0?.blob }
        if let pin = pins.first(where: { $0.marker == .revoked && shown.contains($0.key.blob) }) {
            return .revoked(pin)
        }
        let plain = pins.filter { $0.marker == .none }
        if plain.contains(where: { $0.key.blob == key.blob }) { return .accepted }
        if !plain.isEmpty { return .mismatch(plain) }
        if let authority = pins.first(where: { $0.marker == .authority }) { return .authorityOnly(authority) }
        return .unknown
    }

    /// The algorithms to ask the host for, the pinned ones first; nil when it is pinned only with
    /// keys that this library cannot check.
    ///
    /// libssh2 takes the list as everything that is allowed, so the rest follows the pinned ones:
    /// a host that lost its pinned key is then not mistaken for one that shares no algorithm.
    package func algorithms(supported: [String]) -> [String]? {
        let usable = AlgorithmPolicy.hostKeys.filter(supported.contains)
        let pinned = pins.filter { $0.marker == .none }.map(\.key.algorithm)
        guard !pinned.isEmpty else { return usable }
        let wanted = usable.filter { pinned.contains(AlgorithmPolicy.keyType(of: $0)) }
        guard !wanted.isEmpty else { return nil }
        return wanted + usable.filter { !wanted.contains($0) }
    }
}

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

/// A host key that was not accepted, as the cause of the error that says so.
package struct HostKeyRefusal: Error, Hashable {
    /// The key that was shown, and proven to be owned.
    package let key: HostKey
    package let verdict: HostKeyPolicy.Verdict
    /// Under which name a known_hosts file would hold it: `host` or `[host]:port`.
    package let name: String
    /// The files in which it was looked for, first the one to pin it in.
    package let files: [String]
}

extension HostKeyRefusal {
    /// The refusal behind an error of a transport, a jump host's included; nil for other errors.
    package init?(behind error: any Error) {
        var cause: (any Error)? = error
        while let failure = cause as? TransportError { cause = failure.cause }
        guard let refusal = cause as? HostKeyRefusal else { return nil }
        self = refusal
    }
}
