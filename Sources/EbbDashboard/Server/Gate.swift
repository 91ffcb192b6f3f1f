import EbbModel
import EbbPlan
import EbbReport
import HTTPTypes
import Hummingbird
import Logging

/// What stands before every address: who may ask, how much, and how a refusal looks.
struct Gate: RouterMiddleware {
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
                MessagePage(title: refusal.title, text: "\(refusal.text)", now: await site.reader.clock()).markup)
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
