import EbbDashboard
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A site on a loopback port, asked over real connections.
struct SiteClient {
    /// What came back, as it came.
    struct Answer: Sendable {
        let status: Int
        /// By lower-case name.
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        init(_ bytes: [UInt8]) {
            let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))
            let head = String(decoding: bytes[..<(end?.lowerBound ?? bytes.endIndex)], as: UTF8.self)
            let lines = head.replacing("\r\n", with: "\n").split(separator: "\n")
            status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
            headers = Dictionary(
                lines.dropFirst().compactMap { line in
                    line.firstIndex(of: ":").map { colon in
                        (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingPrefix(" ").description)
                    }
                }, uniquingKeysWith: { "\($0), \($1)" })
            body = end.map { Array(bytes[$0.upperBound...]) } ?? []
        }
    }

    private let port: Int

    /// Serves the site for as long as the body takes.
    static func with<Result: Sendable>(_ site: Site, _ body: @escaping @Sendable (SiteClient) async throws -> Result)
        async throws -> Result
    {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let application = site.application(at: .init(port: 0), onRunning: { port.yield($0) })
        let service = ServiceGroup(services: [application], logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await service.run()
            }
            do {
                for await port in ports {
                    let result = try await body(SiteClient(port: port))
                    await service.triggerGracefulShutdown()
                    return result
                }
            } catch {
                await service.triggerGracefulShutdown()
                throw error
            }
            throw CancellationError()
        }
    }

    /// Asks for an address, with the headers given and `Connection: close`.
    func get(
        _ address: String, _ headers: [String: String] = ["host": "localhost:8417"], method: String = "GET",
        body: [UInt8] = []
    ) async throws -> Answer {
        var head = "\(method) \(address) HTTP/1.1\r\nconnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if headers["host"] == nil { head += "host: localhost\r\n" }
        if !body.isEmpty { head += "content-length: \(body.count)\r\n" }
        return try await send(Array((head + "\r\n").utf8) + body)
    }

    /// Sends bytes and reads until the server closes, or until enough has come.
    func send(_ bytes: [UInt8], until isEnough: @Sendable ([UInt8]) -> Bool = { _ in false }) async throws -> Answer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(
            host: "127.0.0.1", port: port
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var received: [UInt8] = []
            do {
                try await outbound.write(ByteBuffer(bytes: bytes))
                for try await piece in inbound {
                    received += Array(buffer: piece)
                    if isEnough(received) { break }
                }
            } catch {
                // A server that has refused does not wait for the rest.
                if received.isEmpty { throw error }
            }
            return Answer(received)
        }
    }
}
