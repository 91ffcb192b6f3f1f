import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials
package import Logging

/// Answers every request; knows nothing of sockets.
package struct Site: Sendable {
    let reader: FleetReader
    let access: Access
    let logger: Logger
    /// The version of Ebb, as exports name it.
    let version: String
    let places = RolloutEvents.Places()

    package init(reader: FleetReader, access: Access, logger: Logger, version: String = "0.1.0") {
        self.version = version
        self.reader = reader
        self.access = access
        self.logger = logger
    }

    /// The answer to a request, with the headers that every answer has.
    package func answer(_ request: SiteRequest) async -> SiteResponse {
        var response: SiteResponse
        do {
            response = try await checked(request)
        } catch {
            logger.error("cannot answer \(PrintableText.line(request.path)): \(error)")
            response = await problem(
                503, request, "Not now", "The database cannot be read. The log says why.")
        }
        for (name, value) in Self.headers where response.headers[name] == nil {
            response.headers[name] = value
        }
        return response
    }

    /// No script but our own file, nothing from elsewhere, no frame around it, nothing kept by caches.
    private static let headers = [
        "content-security-policy":
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
            + "img-src 'self'; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    ]

    private func checked(_ request: SiteRequest) async throws -> SiteResponse {
        if request.path == "/healthz" {
            return SiteResponse(type: "text/plain; charset=utf-8", body: Array("ok\n".utf8))
        }
        switch access.refusal(of: request) {
        case .unauthorized:
            var response = await problem(
                401, request, "Who are you?",
                "Show the token of this server, as the password or as a bearer token.")
            if case .token = access {
                response.headers["www-authenticate"] = "Basic realm=\"ebb\", charset=\"UTF-8\""
            }
            return response
        case .wrongHost:
            return await problem(
                403, request, "Wrong address",
                "Without a token this server answers to its loopback names only.")
        case nil: break
        }
        if request.path.hasPrefix("/v1/") { return await fleetLock(request) }
        guard request.method == "GET" || request.method == "HEAD" else {
            var response = await problem(
                405, request, "Read only", "Nothing here can be changed.")
            response.headers["allow"] = "GET, HEAD"
            return response
        }
        return try await page(request)
    }

    private func page(_ request: SiteRequest) async throws -> SiteResponse {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: true)
        switch (parts.first, parts.count) {
        case (nil, _):
            return .page(
                FleetPage(
                    snapshot: try await reader.snapshot(), search: request.value("q"),
                    verdict: ComplianceVerdict(rawValue: request.value("verdict")),
                    page: request.page
                ).html)
        case ("hosts", 2):
            let snapshot = try await reader.snapshot()
            guard let name = try? HostName(String(parts[1])), let host = snapshot.host(name) else {
                return await notFound(request)
            }
            let record = try await HostRecord(of: name, in: reader.store)
            return .page(HostPage(host: host, record: record, now: snapshot.readAt).html)
        case ("drift", 1):
            return .page(
                DriftPage(
                    snapshot: try await reader.snapshot(), search: request.value("q"),
                    page: request.page
                ).html)
        case ("rollouts", 1):
            return .page(RolloutListPage(snapshot: try await reader.snapshot()).html)
        case ("rollouts", 2):
            guard let (rollout, attempts) = try await rollout(parts[1]) else {
                return await notFound(request)
            }
            return .page(
                RolloutPage(rollout: rollout, attempts: attempts, now: await reader.clock()).html)
        case ("rollouts", 3) where parts[2] == "events":
            guard let (rollout, _) = try await rollout(parts[1]) else {
                return await notFound(request)
            }
            return await events(of: rollout.id, request)
        case ("compliance", 1):
            return .page(
                CompliancePage(snapshot: try await reader.snapshot(), exports: Self.exports).html)
        case ("compliance", 3) where parts[1] == "export":
            if let file = try await export(parts[2]) { return file }
            return await notFound(request)
        case ("assets", 2):
            if let file = asset(request.path) { return file }
            return await notFound(request)
        case ("api", _): return try await api(request, Array(parts.dropFirst()))
        case ("metrics", 1): return try await metrics()
        default: return await notFound(request)
        }
    }

    func rollout(_ text: Substring) async throws -> (StoredRollout, [StoredAttempt])? {
        guard let number = Int64(text) else { return nil }
        do throws(StoreError) {
            let id = RolloutID(number)
            return (try await reader.store.rollout(id), try await reader.store.attempts(of: id))
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    private func events(of rollout: RolloutID, _ request: SiteRequest) async -> SiteResponse {
        guard request.method == "GET", places.take() else {
            return await problem(503, request, "Too many", "Too many pages follow rollouts.")
        }
        var response = SiteResponse(type: "text/event-stream; charset=utf-8", body: [])
        response.stream = RolloutEvents(reader: reader, rollout: rollout, places: places).pieces()
        response.whenDone = { [places] in places.give() }
        return response
    }

    private func asset(_ path: String) -> SiteResponse? {
        switch path {
        case Assets.stylesheetPath:
            SiteResponse(
                type: "text/css; charset=utf-8",
                headers: ["cache-control": "private, max-age=31536000, immutable"],
                body: Assets.stylesheet)
        case Assets.scriptPath:
            SiteResponse(
                type: "text/javascript; charset=utf-8",
                headers: ["cache-control": "private, max-age=31536000, immutable"],
                body: Assets.script)
        case "/assets/icon.svg":
            SiteResponse(
                type: "image/svg+xml", headers: ["cache-control": "private, max-age=86400"],
                body: Assets.icon)
        default: nil
        }
    }

    func notFound(_ request: SiteRequest) async -> SiteResponse {
        await problem(404, request, "Not here", "There is no such page, host or rollout.")
    }

    /// A refusal in the form that the client reads.
    func problem(
        _ status: Int, _ request: SiteRequest, _ title: String, _ text: String
    ) async -> SiteResponse {
        if request.path.hasPrefix("/api/") || request.path.hasPrefix("/v1/") {
            let body: JSON = ["error": .string(title), "message": .string(text)]
            return .json(JSONText.document(body), status: status)
        }
        let now = await reader.clock()
        return .page(MessagePage(title: title, text: "\(text)", now: now).html, status: status)
    }
}
