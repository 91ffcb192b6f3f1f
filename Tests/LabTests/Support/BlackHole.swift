import Testing

/// An address behind which a network namespace drops every packet without a word.
enum BlackHole {
    /// Makes it, lends its address, and takes it away again.
    static func lend(_ body: (String) async throws -> Void) async throws {
        let make = """
            set -e
            ip netns add ebb-hole
            ip link add ebb-hole0 type veth peer name ebb-hole1 netns ebb-hole
            ip -n ebb-hole link set ebb-hole1 up
            ip addr add 10.231.7.1/30 dev ebb-hole0
            ip link set ebb-hole0 up
            mac=$(ip -n ebb-hole -br link show ebb-hole1 | awk '{print $3}')
            ip neigh replace 10.231.7.2 lladdr "$mac" dev ebb-hole0 nud permanent
            """
        try await shell("ip netns del ebb-hole 2>/dev/null; ip link del ebb-hole0 2>/dev/null; :")
        try await shell(make)
        do { try await body("10.231.7.2") } catch {
            try await shell("ip netns del ebb-hole")
            throw error
        }
        try await shell("ip netns del ebb-hole")
    }

    private static func shell(_ text: String) async throws {
        let ended = try await Program.run("/bin/sh", ["-c", text])
        try #require(ended.status == 0, "\(ended.error)")
    }
}
