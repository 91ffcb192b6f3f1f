import EbbTestSupport
import Testing

extension RealHosts {
    /// The scripts behind `docs/reliability.md`, with a few of their rows; `make system` runs all.
    @Suite struct ReliabilityTests {
        private func run(_ script: String, _ arguments: String...) async throws {
            let ended = try await Program.run(
                Lab.root + "/lab/" + script, arguments, environment: ["EBB_TOOL": Lab.tool])
            #expect(ended.status == 0, "\(script) \(arguments): \(ended.output)\(ended.error)")
        }

        @Test func `a refused reboot and a half erased host get their own verdicts`() async throws {
            try await run("reliability", "inhibitor", "one-of-two")
        }

        @Test func `of two processes that start the same rollout one says who holds the hosts`() async throws {
            try await run("controllers", "one database")
        }

        @Test func `a controller that is killed at random moments loses nothing, boots none twice`() async throws {
            // A seed of its own in every run; the script prints it.
            try await run("kill-controller", "--runs", "3")
        }
    }
}
