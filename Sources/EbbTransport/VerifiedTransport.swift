package import EbbModel
import Synchronization

/// Refuses to run anything on another machine than the one that was recorded for a host.
///
/// A pinned host key says that the address is right; it does not say that the inventory still means
/// that machine by it. What was never recorded is not refused.
package struct VerifiedTransport<Base: Transport>: Transport {
    private let base: Base
    private let machineID: @Sendable (HostName) async throws(TransportError) -> String?

    /// Asks `machineID` what was recorded of a host, once for each connection.
    package init(_ base: Base, machineID: @escaping @Sendable (HostName) async throws(TransportError) -> String?) {
        (self.base, self.machineID) = (base, machineID)
    }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        guard let expected = try await machineID(settings.host) else {
            return try await base.withConnection(to: settings, timeout: timeout, body)
        }
        return try await base.withConnection(to: settings, timeout: timeout) { connection throws(TransportError) in
            try await body(VerifiedConnection(base: connection, machineID: expected))
        }
    }

    /// Closes the idle connections to a host.
    package func forget(_ host: HostName) async { await base.forget(host) }
}

/// A connection whose every command is behind a guard.
private struct VerifiedConnection: Connection {
    let base: any Connection
    let machineID: String

    var host: HostName { base.host }
    var hostKey: HostKey { base.hostKey }
    var algorithms: ChosenAlgorithms? { base.algorithms }

    func stream(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void)
        async throws(TransportError) -> CommandEnd
    {
        let guarding = MachineGuard(expected: machineID)
        let watching = Mutex(guarding)
        var guarded = request.fitting()
        guarded.command = guarding.guarding(guarded.command)
        let end = try await base.stream(guarded) { chunk in
            if case .standardError(let bytes) = chunk { watching.withLock { $0.note(bytes) } }
            receive(chunk)
        }
        if let error = watching.withLock({ $0.refusal(end, host: host) }) { throw error }
        return end
    }
}
