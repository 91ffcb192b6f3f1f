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
