import EbbPlan
import EbbSetup
import EbbStore
import EbbTestSupport
import FoundationEssentials
import Testing

@testable import EbbEngine
@testable import EbbModel

/// The reboots of a move to an erased root.
@Suite struct OnboardingRebootTests {
    @Test func `a reboot that did not happen can be tried again in that boot`() async throws {
        let scene = try RolloutScene()
        var journal = try await OnboardingJournal.load(of: scene.host.name, from: scene.store)
        let now = scene.fleet.clock.date
        try await journal.append(.intent(.trial), at: now)
        scene.host.whenToldToReboot = .nothing
        let first = await scene.engine.reboot(scene.settings[0], mark: journal.mark("trial"))
        guard case .failed = first else {
            Issue.record("it was taken for a boot: \(first)")
            return
        }
        try await journal.append(.failed(.trial, "it did not go down"), at: now)
        try await journal.append(.intent(.trial), at: now)
        scene.host.whenToldToReboot = .boot()
        let second = await scene.engine.reboot(scene.settings[0], mark: journal.mark("trial"))
        guard case .booted(let boot) = second else {
            Issue.record("it was not tried again: \(second)")
            return
        }
        #expect(boot == scene.host.machine.boot && scene.host.machine.boots == 1)
    }

    @Test func `whoever resumes a try sends the same reboot, which happens once`() async throws {
        let scene = try RolloutScene()
        var journal = try await OnboardingJournal.load(of: scene.host.name, from: scene.store)
        try await journal.append(.intent(.trial), at: scene.fleet.clock.date)
        let resumed = try await OnboardingJournal.load(of: scene.host.name, from: scene.store)
        #expect(journal.mark("trial") == resumed.mark("trial"))
        #expect(journal.mark("trial") != journal.mark("bare"))
    }

    private func prove(_ scene: RolloutScene) async throws -> String? {
        try await RolloutDriver(engine: scene.engine, fleet: scene.settings, tell: { _ in }).prove(
            scene.settings[0], acceptsLoss: true)
    }

    @Test func `a boot that is proven ends the move`() async throws {
        let scene = try RolloutScene()
        #expect(try await prove(scene) == nil)
        #expect(scene.host.machine.boots == 1)
    }

    @Test func `a boot that is not proven says why`() async throws {
        let scene = try RolloutScene()
        scene.host.machine.erased = []
        let reason = try #require(try await prove(scene))
        #expect(reason.contains("the boot is not proven"))
        #expect(reason.contains(AttemptReason.notErased.rawValue))
    }

    @Test func `a host that a rollout holds is not rebooted, and the way out is named`() async throws {
        let scene = try RolloutScene()
        let rollout = try await scene.begin()
        let reason = try #require(try await prove(scene))
        #expect(reason.contains("ebb reboot resume \(rollout.value)"))
        #expect(scene.host.machine.boots == 0)
    }

    @Test func `a root that is not to be erased is withheld, with the reason`() async throws {
        let scene = try RolloutScene { $0.root = RootSettings(strategy: .none) }
        let reason = try #require(try await prove(scene))
        #expect(reason.contains("withheld") && reason.contains("not ephemeral"))
    }
}
