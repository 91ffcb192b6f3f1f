import EbbModel
import EbbSSH
import EbbTransport

/// Connects to each address and runs one command there: `BenchmarkClient KEY KNOWN_HOSTS PORT
/// PARALLEL COMMAND ADDRESS…`; prints how many answered.
@main
struct Main {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count > 5, let port = Int(arguments[2]), let parallel = Int(arguments[3])
        else {
            print("usage: BenchmarkClient KEY KNOWN_HOSTS PORT PARALLEL COMMAND ADDRESS...")
            return
        }
        let transport = LimitedTransport(SSHTransport(agentSocket: nil), connections: parallel)
        let request = CommandRequest(
            RemoteCommand("sh", "-c", arguments[4]), timeout: .seconds(120))
        let answered = await SSHTransport.besideHosts {
            await Self.answers(arguments, port: port, request, transport)
        }
        print("answered \(answered)")
    }

    private static func answers(
        _ arguments: [String], port: Int, _ request: CommandRequest,
        _ transport: LimitedTransport<SSHTransport>
    ) async -> Int {
        var answered = 0
        await withTaskGroup(of: TransportError?.self) { group in
            for address in arguments[5...] {
                group.addTask {
                    do throws(TransportError) {
                        let settings = ConnectionSettings(
                            host: try host(address), address: address, port: port,
                            identityFiles: [arguments[0]], identitiesOnly: true,
                            knownHostsFiles: [arguments[1]])
                        _ = try await transport.withConnection(
                            to: settings, timeout: .seconds(120)
                        ) { connection throws(TransportError) in
                            try await connection.stream(request) { _ in }
                        }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for await error in group {
                if let error { print(error) } else { answered += 1 }
            }
        }
        return answered
    }

    private static func host(_ text: String) throws(TransportError) -> HostName {
        do {
            return try HostName(text)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
