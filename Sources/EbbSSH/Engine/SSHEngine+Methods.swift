import CLibSSH2
import EbbTransport

extension SSHEngine {
    /// A list of algorithms that is negotiated.
    enum Method: CaseIterable {
        case keyExchange, hostKey, cipher, mac

        fileprivate var numbers: [Int32] {
            switch self {
            case .keyExchange: [LIBSSH2_METHOD_KEX]
            case .hostKey: [LIBSSH2_METHOD_HOSTKEY]
            case .cipher: [LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC]
            case .mac: [LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC]
            }
        }
    }

    /// What the linked libssh2 can do.
    func supported(_ method: Method) -> [String] {
        var list: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        let count = libssh2_session_supported_algs(session, method.numbers[0], &list)
        guard count > 0, let list else { return [] }
        defer { libssh2_free(session, list) }
        return (0..<Int(count)).compactMap { list[$0].map { String(cString: $0) } }
    }

    /// Restricts the negotiation to what Ebb agrees to; libssh2 takes the lists as complete.
    func prefer(hostKeys: [String]) {
        set(.hostKey, hostKeys.joined(separator: ","))
        set(.keyExchange, Self.agreed.keyExchange)
        set(.cipher, Self.agreed.ciphers)
        set(.mac, Self.agreed.macs)
    }

    /// What is the same for every host, joined once.
    private static let agreed = (
        keyExchange: SSHLibrary.linked.keyExchange.joined(separator: ","),
        ciphers: SSHLibrary.linked.ciphers.joined(separator: ","), macs: SSHLibrary.linked.macs.joined(separator: ",")
    )

    private func set(_ method: Method, _ list: String) {
        for number in method.numbers { libssh2_session_method_pref(session, number, list) }
    }

    /// What was agreed on; empty before the key exchange ended.
    func chosen(_ method: Method) -> String {
        libssh2_session_methods(session, method.numbers[0]).map { String(cString: $0) } ?? ""
    }

    /// The key that the host proved to own; nil before the key exchange ended.
    var hostKey: HostKey? {
        var count = 0
        var type: Int32 = 0
        guard let bytes = libssh2_session_hostkey(session, &count, &type) else { return nil }
        return HostKey(blob: Array(UnsafeRawBufferPointer(start: bytes, count: count)))
    }
}
