package import EbbModel
package import EbbTransport
import Synchronization

/// Scripted hosts behind one transport, with one clock.
package struct ScriptedFleet: Transport {
    package let clock = ScriptedClock()
    package let hosts: [ScriptedHost]
    private let stops = ScriptedStops()

    package init(_ names: [String]) throws {
        let (clock, stops) = (clock, stops)
        hosts = try names.enumerated().map { index, name in
            ScriptedHost(name: try HostName(name), number: index + 1, clock: clock, stops: stops)
        }
    }

    /// The host with this name.
    package func host(_ name: HostName) -> ScriptedHost? { hosts.first { $0.name == name } }

    /// Returns once an interruption has stopped whoever asked.
    package func stopped() async { await stops.wait() }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        guard let host = host(settings.host) else {
            throw TransportError(.resolveFailed, phase: .resolve, host: settings.host, "There is no such host.")
        }
        try host.connect(timeout: timeout)
        return try await body(ScriptedConnection(scripted: host))
    }
}

/// A connection to a scripted host.
private struct ScriptedConnection: Connection {
    let scripted: ScriptedHost
    var host: HostName { scripted.name }
    var hostKey: HostKey { scripted.machine.hostKey }
    var algorithms: ChosenAlgorithms? { nil }

    func stream(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void)
        async throws(TransportError) -> CommandEnd
    { try await scripted.run(request.input, receive) }
}

/// Where whoever is stopped stays, until its task is cancelled.
final class ScriptedStops: Sendable {
    private let signal = AsyncStream<Void>.makeStream()

    /// Says that somebody was stopped, and returns when the task is cancelled.
    func stop() async {
        signal.continuation.yield()
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        for await _ in stream {}
        continuation.finish()
    }

    /// Returns once somebody was stopped.
    func wait() async { for await _ in signal.stream { return } }
}
