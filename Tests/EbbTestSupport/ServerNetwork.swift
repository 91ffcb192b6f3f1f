import Glibc
import Subprocess

/// A network of two: this machine, and a namespace in which a server runs.
///
/// Loopback loses no packet. This one can: from `cut` on the server is as far away as a machine
/// whose cable was pulled. Needs root.
package struct ServerNetwork: Sendable {
    /// The namespace's name.
    let name: String
    /// The server's address in it.
    let address: String

    /// Makes the network for as long as a closure runs.
    package static func with<Result: Sendable>(_ body: (ServerNetwork) async throws -> Result) async throws -> Result {
        let process = Int(getpid())
        let (high, low) = (process >> 6 & 255, (process & 63) * 4)
        let network = ServerNetwork(name: "ebb\(process)", address: "10.213.\(high).\(low + 2)")
        let (name, end) = (network.name, "\(network.name)h")
        try await shell(
            """
            ip netns add \(name) && ip link add \(end) type veth peer name server netns \(name)
            ip address add 10.213.\(high).\(low + 1)/30 dev \(end) && ip link set \(end) up
            ip -n \(name) address add \(network.address)/30 dev server
            ip -n \(name) link set server up && ip -n \(name) link set lo up
            """)
        do {
            let result = try await body(network)
            try await shell("ip netns delete \(name)")
            return result
        } catch {
            try? await shell("ip netns delete \(name)")
            throw error
        }
    }

    /// Pulls the cable: nobody is told, packets just arrive no more.
    package func cut() async throws { try await Self.shell("ip -n \(name) link set server down") }

    private static func shell(_ text: String) async throws {
        let result = try await run(
            .name("sh"), arguments: ["-ec", text], output: .discarded, error: .string(limit: 4096))
        guard result.terminationStatus.isSuccess else {
            throw SSHServer.CannotStart(description: "ip: \(result.standardError)")
        }
    }
}
