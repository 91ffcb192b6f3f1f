import EbbModel
import EbbTransport

/// A logged-in session, as it is lent.
struct SSHConnection: Connection {
    let host: HostName
    let hostKey: HostKey
    let session: SSHSession
    let algorithms: ChosenAlgorithms?

    func stream(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void)
        async throws(TransportError) -> CommandEnd
    { try await session.run(request.fitting(), receive: receive) }
}
