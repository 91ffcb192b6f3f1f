import EbbModel
import EbbPlan
import EbbTestSupport
import Testing

@testable import EbbEngine

/// What is true at the end of the soak decides, not what was true seconds after the boot.
@Suite struct SettledTests {
    private func end(_ change: @escaping @Sendable (inout ScriptedMachine) -> Void) async throws -> AttemptEnd? {
        let scene = try RolloutScene { $0.reboot.soak = 120 }
        scene.host.whenToldToReboot = .init([
            .down(after: .seconds(1)), .up(after: .seconds(20)), .init(after: .seconds(60), change),
        ])
        return try await scene.run().ends[scene.host.name]
    }

    @Test func `a unit that fails within the soak ends as degraded, and the boot stays erased and kept`() async throws {
        let end = try await end { $0.failedUnits = ["late.service"] }
        #expect(end?.reason == .degraded && end?.message.hasPrefix("late.service failed") == true)
        #expect(end?.verdict?.isProven == true)
    }

    @Test func `a host that is still starting is not settled`() async throws {
        let end = try await end {
            $0.systemState = "starting\n"
            $0.answers["jobs"] = .init("12 slow.service start running\n")
        }
        #expect(end?.reason == .notSettled && end?.message.contains("slow.service") == true)
    }

    @Test func `a host whose services cannot be asked at the end is not proven`() async throws {
        #expect(try await end { $0.answers["failed-units"] = .init(status: 1) }?.reason == .evidenceIncomplete)
        #expect(try await end { _ in }?.reason == .proven)
    }
}
