import Crypto
package import EbbModel
import FoundationEssentials

/// Who may look.
package enum Access: Sendable {
    /// Everybody who reaches the address, which must be a loopback one.
    ///
    /// The names are what a browser may call this machine: a page of another site that resolves its
    /// own name to 127.0.0.1 is turned away by its `Host`.
    case anybody(knownAs: Set<String>)
    /// Who shows the token: as `Authorization: Bearer`, or as the password of `Basic`.
    case token(Secret)
    /// Who a reverse proxy has let through: it names the person in this header, and removes the
    /// header from what clients send.
    case proxy(header: String)

    /// What a refused client is told.
    package enum Refusal: Sendable, Hashable {
        case unauthorized, wrongHost
    }

    /// Whether the request may be answered.
    package func refusal(of request: SiteRequest) -> Refusal? {
        switch self {
        case .anybody(let names):
            let host = request.headers["host"].map(Self.name(ofHost:)) ?? ""
            return names.contains(host) ? nil : .wrongHost
        case .token(let token):
            guard let shown = Self.shownToken(request.headers["authorization"] ?? ""),
                Self.isEqual(shown, token.reveal())
            else { return .unauthorized }
            return nil
        case .proxy(let header):
            let user = request.headers[header.lowercased()] ?? ""
            return user.isEmpty ? .unauthorized : nil
        }
    }

    /// `localhost` of `localhost:8417`, `[::1]` of `[::1]:8417`.
    private static func name(ofHost text: String) -> String {
        let lower = text.lowercased()
        if lower.hasPrefix("["), let end = lower.firstIndex(of: "]") {
            return String(lower[...end])
        }
        return String(lower.prefix { $0 != ":" })
    }

    private static func shownToken(_ header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return String(parts[1])
        case "basic":
            guard let bytes = Data(base64Encoded: String(parts[1])),
                let text = String(validating: bytes, as: UTF8.self),
                let colon = text.firstIndex(of: ":")
            else { return nil }
            return String(text[text.index(after: colon)...])
        default: return nil
        }
    }

    /// Compares digests, every byte of them, so that the time tells nothing of the token.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        let pairs = zip(SHA256.hash(data: Array(left.utf8)), SHA256.hash(data: Array(right.utf8)))
        return pairs.reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
