import EbbModel
import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// The site on a socket.
package struct DashboardServer: Sendable {
    /// Where to listen.
    package struct Address: Hashable, Sendable {
        package let host: String
        package let port: Int

        package init(host: String = "127.0.0.1", port: Int = 8417) {
            self.host = host
            self.port = port
        }

        /// Whether only this machine can reach it.
        package var isLoopback: Bool {
            if ["localhost", "::1", "[::1]"].contains(host) { return true }
            // `127.example.org` is no loopback address.
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        }
    }

    let site: Site
    let address: Address

    package init(site: Site, address: Address) {
        self.site = site
        self.address = address
    }

    /// The application; runs until it is told to stop, and lets what is under way finish.
    package func application(
        logger: Logger, onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            responder: SiteResponder(site: site),
            // A client that says nothing for a minute holds no connection.
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(
                address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) },
            logger: logger)
    }
}

/// Translates between the web server and the site.
private struct SiteResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let site: Site

    private static let maxBody = 16_384

    /// Sends the pieces as they come, until the client goes or the server is told to stop.
    private static func body(
        _ stream: AsyncStream<[UInt8]>, whenDone: (@Sendable () -> Void)?
    ) -> ResponseBody {
        ResponseBody { writer in
            defer { whenDone?() }
            for await piece in stream {
                if Task.isShuttingDownGracefully { break }
                if !piece.isEmpty { try await writer.write(ByteBuffer(bytes: piece)) }
            }
            try await writer.finish(nil)
        }
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        var body: [UInt8] = []
        if request.method != .get, request.method != .head {
            do {
                body = Array(buffer: try await request.body.collect(upTo: Self.maxBody))
            } catch {
                return Response(status: .contentTooLarge, headers: [.connection: "close"])
            }
        }
        var headers: [String: String] = [:]
        for field in request.headers where headers[field.name.canonicalName] == nil {
            headers[field.name.canonicalName] = field.value
        }
        headers["host"] = request.head.authority ?? headers["host"]
        let query = Dictionary(
            request.uri.queryParameters.map { (String($0.key), String($0.value)) },
            uniquingKeysWith: { first, _ in first })
        let asked = SiteRequest(
            method: request.method.rawValue,
            path: SiteRequest.decoded(request.uri.path),
            query: query, headers: headers, body: body)
        let answer = await site.answer(asked)
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        let isHead = request.method == .head
        if let stream = answer.stream, !isHead {
            return Response(
                status: .init(code: answer.status), headers: fields,
                body: Self.body(stream, whenDone: answer.whenDone))
        }
        answer.whenDone?()
        fields[.contentLength] = String(answer.body.count)
        return Response(
            status: .init(code: answer.status), headers: fields,
            body: isHead ? .init() : .init(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
