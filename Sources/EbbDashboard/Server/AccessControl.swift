import Crypto
package import EbbModel
import EbbPlan
import EbbReport
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging

/// What stands before every address: who may ask, how much, and how a refusal looks.
struct AccessControl: RouterMiddleware {
    typealias Context = BasicRequestContext

    let site: Site

    private static let maxBody = 16_384

    /// No script but our own file, nothing from elsewhere, no frame around it, nothing kept by caches.
    private static let headers = [
        "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
            + "img-src 'self'; form-action 'self'; " + "base-uri 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    ]

    @concurrent func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do { response = try await answer(request, context: context, next: next) } catch {
            response = await page(of: refusal(for: error, request), request)
        }
        for (name, value) in Self.headers {
            guard let name = HTTPField.Name(name), response.headers[name] == nil else { continue }
            response.headers[name] = value
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var request = request
        if request.method != .get, request.method != .head {
            do { _ = try await request.collectBody(upTo: Self.maxBody) } catch {
                return Response(status: .contentTooLarge, headers: [.connection: "close"])
            }
        }
        if request.uri.path != "/healthz" { try site.access.check(request) }
        return try await next(request, context)
    }

    /// What an error means to the client.
    private func refusal(for error: any Error, _ request: Request) -> Refusal {
        if let refusal = error as? Refusal { return refusal }
        let path = request.uri.path
        guard (error as? HTTPError)?.status == .notFound else {
            site.logger.error("cannot answer \(PrintableText.line(path)): \(error)")
            return .unavailable
        }
        if FleetLockRequest.Endpoint(rawValue: path) != nil {
            return Refusal(.methodNotAllowed, "POST only", "FleetLock requests are POSTs.", headers: [.allow: "POST"])
        }
        if request.method == .get || request.method == .head || path.hasPrefix("/v1/") { return .notFound }
        return Refusal(.methodNotAllowed, "Read only", "Nothing here can be changed.", headers: [.allow: "GET, HEAD"])
    }

    /// A refusal in the form that the client reads.
    private func page(of refusal: Refusal, _ request: Request) async -> Response {
        let path = request.uri.path
        var response: Response
        if path.hasPrefix("/api/") || path.hasPrefix("/v1/") {
            response = .json(["error": .string(refusal.title), "message": .string(refusal.text)])
        } else {
            response = .page(
                Layout(title: refusal.title, asOf: await site.reader.clock()).page(
                    """
                    <h1>\(refusal.title)</h1>
                    <p class="lead">\(refusal.text)</p>
                    <p><a href="/">Back to the fleet</a></p>
                    """))
        }
        response.status = refusal.status
        for field in refusal.headers { response.headers.append(field) }
        return response
    }
}

/// Why a request gets no answer.
struct Refusal: Error {
    let status: HTTPResponse.Status
    let title: String
    let text: String
    let headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ title: String, _ text: String, headers: HTTPFields = [:]) {
        (self.status, self.title, self.text, self.headers) = (status, title, text, headers)
    }

    static let notFound = Refusal(.notFound, "Not found", "There is no such page, host or rollout.")

    static let unavailable = Refusal(
        .serviceUnavailable, "Unavailable", "The database cannot be read. The log says why.")
}

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
