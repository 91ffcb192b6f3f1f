import EbbCompliance
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials
package import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// The pages, the API, the exports and FleetLock.
package struct Site: Sendable {
    typealias Context = BasicRequestContext

    let reader: FleetReader
    let access: Access
    let logger: Logger
    /// The version of Ebb, as exports name it.
    let version: String
    let places = RolloutEvents.Places()

    package init(reader: FleetReader, access: Access, logger: Logger, version: String = "0.1.0") {
        (self.version, self.reader, self.access, self.logger) = (version, reader, access, logger)
    }

    /// Every address that is answered; each answer passes through the `Gate`.
    package func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.add(middleware: Gate(site: self))
        router.get("/healthz") { _, _ in Response("text/plain; charset=utf-8", "ok\n") }
        addPages(to: router)
        addAssets(to: router)
        addAPI(to: router)
        addExports(to: router)
        addFleetLock(to: router)
        return router
    }

    private func addPages(to router: Router<Context>) {
        router.get("/") { request, _ in
            Response.page(
                FleetPage(
                    snapshot: try await reader.snapshot(), search: request.value("q"),
                    verdict: ComplianceVerdict(rawValue: request.value("verdict")), page: request.page
                ).markup)
        }
        router.get("/hosts/:host") { _, context in
            let (host, record, now) = try await host(context)
            return Response.page(HostPage(host: host, record: record, now: now).markup)
        }
        router.get("/drift") { request, _ in
            Response.page(
                DriftPage(snapshot: try await reader.snapshot(), search: request.value("q"), page: request.page).markup)
        }
        router.get("/rollouts") { _, _ in Response.page(RolloutListPage(snapshot: try await reader.snapshot()).markup) }
        router.get("/rollouts/:rollout") { _, context in
            let (rollout, attempts) = try await rollout(context)
            let now = await reader.clock()
            return Response.page(RolloutPage(rollout: rollout, attempts: attempts, now: now).markup)
        }
        router.get("/rollouts/:rollout/events") { request, context in
            try events(of: try await rollout(context).0.id, request)
        }
        router.get("/compliance") { _, _ in
            Response.page(CompliancePage(snapshot: try await reader.snapshot(), exports: exports).markup)
        }
    }

    private func addAssets(to router: Router<Context>) {
        let files = [
            (Assets.stylesheetPath, "text/css; charset=utf-8", Assets.stylesheet, Assets.forGood),
            (Assets.scriptPath, "text/javascript; charset=utf-8", Assets.script, Assets.forGood),
            (Assets.iconPath, "image/svg+xml", Assets.icon, "private, max-age=86400"),
        ]
        for (path, type, bytes, caching) in files {
            router.get(RouterPath(path)) { _, _ in Response(type, bytes, headers: [.cacheControl: caching]) }
        }
    }

    /// The host that an address names, with what is stored of it.
    func host(_ context: Context) async throws -> (host: FleetSnapshot.Host, record: HostRecord, now: Date) {
        // Names may hold a colon, which some clients escape.
        let text = URLComponents(string: "/\(context.parameters.get("host") ?? "")")?.path
        let snapshot = try await reader.snapshot()
        guard let name = try? HostName(String(text?.dropFirst() ?? "")), let host = snapshot.host(name) else {
            throw Refusal.notFound
        }
        return (host, try await HostRecord(of: name, in: reader.store), snapshot.readAt)
    }

    /// The rollout that an address names.
    func rollout(_ context: Context) async throws -> (StoredRollout, [StoredAttempt]) {
        guard let number = context.parameters.get("rollout", as: Int64.self) else { throw Refusal.notFound }
        do throws(StoreError) {
            let id = RolloutID(number)
            return (try await reader.store.rollout(id), try await reader.store.attempts(of: id))
        } catch { throw error.code == .notFound ? Refusal.notFound : error }
    }

    private func events(of rollout: RolloutID, _ request: Request) throws -> Response {
        let type = "text/event-stream; charset=utf-8"
        if request.method == .head { return Response(type, []) }
        guard places.take() else {
            throw Refusal(
                .serviceUnavailable, "Too many followers",
                "Too many pages follow rollouts at the moment. Load this page again later.")
        }
        let stream = RolloutEvents(reader: reader, rollout: rollout).pieces()
        var response = Response(type, [])
        response.body = ResponseBody { [places] writer in
            defer { places.give() }
            // Until the client goes, or the server is told to stop.
            for await piece in stream {
                if Task.isShuttingDownGracefully { break }
                if !piece.isEmpty { try await writer.write(ByteBuffer(bytes: piece)) }
            }
            try await writer.finish(nil)
        }
        return response
    }
}
