import Subprocess
import Testing

/// Runs an agent that holds keys, for as long as `body` runs with its process's number.
func withAgent(_ socket: String, keys: [String], _ body: (Int32) async throws -> Void) async throws {
    _ = try await Subprocess.run(
        .name("ssh-agent"), arguments: ["-D", "-a", socket], input: .none, output: .sequence, error: .discarded
    ) { agent in
        defer { try? agent.send(signal: .kill) }
        // Its first words come once it listens.
        for try await _ in agent.standardOutput { break }
        let added = try await Subprocess.run(
            .name("ssh-add"), arguments: Arguments(["-q"] + keys),
            environment: .inherit.updating(["SSH_AUTH_SOCK": socket]), output: .discarded)
        #expect(added.terminationStatus.isSuccess)
        try await body(agent.processIdentifier.value)
    }
}
