import Crypto
package import EbbModel
import FoundationEssentials
import HTTPTypes
import Hummingbird

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

    /// Throws a `Refusal` where the request may not be answered.
    func check(_ request: Request) throws {
        switch self {
        case .anybody(let names):
            guard names.contains(Self.name(ofHost: request.head.authority ?? "")) else {
                throw Refusal(
                    .forbidden, "Wrong address", "Without a token this server answers to its loopback names only.")
            }
        case .token(let token):
            guard let shown = Self.shownToken(request.headers[.authorization] ?? ""),
                Self.isEqual(shown, token.reveal())
            else {
                throw Refusal(
                    .unauthorized, "Unauthorized",
                    "Show the token of this server, as the password or as a bearer token.",
                    headers: [.wwwAuthenticate: "Basic realm=\"ebb\", charset=\"UTF-8\""])
            }
        case .proxy(let header):
            guard let name = HTTPField.Name(header), request.headers[name]?.isEmpty == false else {
                throw Refusal(.unauthorized, "Unauthorized", "The reverse proxy in front of this server named nobody.")
            }
        }
    }

    /// `localhost` of `localhost:8417`, `[::1]` of `[::1]:8417`.
    private static func name(ofHost text: String) -> String {
        let lower = text.lowercased()
        if lower.hasPrefix("["), let end = lower.firstIndex(of: "]") { return String(lower[...end]) }
        return String(lower.prefix { $0 != ":" })
    }

    private static func shownToken(_ header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return String(parts[1])
        case "basic":
            guard let bytes = Data(base64Encoded: String(parts[1])),
                let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
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
