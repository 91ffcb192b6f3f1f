import Crypto
import EbbModel
import FoundationEssentials

/// The first field of a known_hosts line: which names a key is for.
enum HostPattern: Hashable, Sendable {
    /// Names with `*` and `?`; a name that matches a `!` pattern is excluded.
    case plain(included: [Glob], excluded: [Glob])
    /// HMAC-SHA1 of exactly one name.
    case hashed(salt: [UInt8], digest: [UInt8])

    /// Reads the field; nil when it names nothing.
    init?(_ field: String) {
        if field.hasPrefix("|1|") {
            let parts = field.dropFirst(3).split(separator: "|", omittingEmptySubsequences: false)
            guard parts.count == 2, let salt = Data(base64Encoded: String(parts[0])),
                let digest = Data(base64Encoded: String(parts[1])), digest.count == 20
            else { return nil }
            self = .hashed(salt: Array(salt), digest: Array(digest))
            return
        }
        let names = field.split(separator: ",").map { $0.lowercased() }
        let included = names.filter { !$0.hasPrefix("!") }
        let excluded = names.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) }
        guard !included.isEmpty else { return nil }
        self = .plain(included: included.map { Glob($0, .openSSH) }, excluded: excluded.map { Glob($0, .openSSH) })
    }

    /// Whether the line is for this name, which is written in lower case.
    func matches(_ name: String) -> Bool {
        switch self {
        case .plain(let included, let excluded):
            included.contains { $0.matches(name) } && !excluded.contains { $0.matches(name) }
        case .hashed(let salt, let digest):
            Insecure.SHA1.byteCount == digest.count
                && HMAC<Insecure.SHA1>.isValidAuthenticationCode(
                    digest, authenticating: Array(name.utf8), using: SymmetricKey(data: salt))
        }
    }
}
