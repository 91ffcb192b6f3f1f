import EbbCompliance
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials
import HTTPTypes
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

    /// The site on a socket; runs until it is told to stop, and lets what is under way finish.
    package func application(
        at address: DashboardAddress, onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            router: router(),
            // A client that says nothing for a minute holds no connection.
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
    }

    /// Every address that is answered; each answer passes through the `AccessControl`.
    private func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.add(middleware: AccessControl(site: self))
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
        let record = try await HostRecord(
            of: name, in: reader.store, accepted: host.settings?.accept, now: snapshot.readAt)
        return (host, record, snapshot.readAt)
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

/// What other programs take away.
extension Site {
    /// The exports of the compliance page, by name and address.
    var exports: [(name: String, address: String)] {
        ComplianceFormat.allCases.filter(\.isDownload).map { format in
            (name: format.title, address: "/compliance/export/\(format.rawValue)")
        }
    }

    func addExports(to router: Router<Context>) {
        router.get("/compliance/export/:format") { _, context in
            guard let format = context.parameters.get("format", as: ComplianceFormat.self), format.isDownload else {
                throw Refusal.notFound
            }
            let report = try await report()
            let day = JSONText.instant(report.generatedAt).prefix(10)
            let file = "ebb-compliance-\(day).\(format.fileExtension)"
            return Response(
                format.mediaType, report.rendered(as: format),
                headers: [.contentDisposition: "attachment; filename=\"\(file)\""])
        }
        router.get("/metrics") { _, _ in
            let format = ComplianceFormat.metrics
            return Response(format.mediaType, try await report().rendered(as: format))
        }
    }

    private func report() async throws -> ComplianceReport {
        let snapshot = try await reader.snapshot()
        let head = try await reader.store.chainHead()
        return ComplianceReport(
            generatedAt: snapshot.readAt,
            provenance: ComplianceReport.Provenance(
                toolVersion: version, chainLength: head.length, chainHead: head.hash),
            hosts: snapshot.hosts.map(\.compliance))
    }
}

extension Response {
    /// Bytes of a type.
    init(_ type: String, _ bytes: [UInt8], headers: HTTPFields = [:]) {
        self.init(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        self.headers[.contentType] = type
    }

    /// A text of a type.
    init(_ type: String, _ text: String, headers: HTTPFields = [:]) {
        self.init(type, Array(text.utf8), headers: headers)
    }

    static func page(_ markup: Markup) -> Response { Response("text/html; charset=utf-8", markup.text) }

    static func json(_ document: JSON) -> Response { Response("application/json", JSONText.document(document)) }
}

extension Request {
    /// A value of the query, bounded: nothing that a page repeats may be longer.
    func value(_ name: String) -> String { String((uri.queryParameters.get(name) ?? "").prefix(200)) }

    /// The number of a page; 1 where none was given.
    var page: Int { Int(value("page")).map { max(1, min($0, 100_000)) } ?? 1 }
}

/// Where to listen.
package struct DashboardAddress: Hashable, Sendable {
    package let host: String
    package let port: Int

    package init(host: String = "127.0.0.1", port: Int = 8417) { (self.host, self.port) = (host, port) }

    /// Whether only this machine can reach it.
    package var isLoopback: Bool {
        if ["localhost", "::1", "[::1]"].contains(host) { return true }
        // `127.example.org` is no loopback address.
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
