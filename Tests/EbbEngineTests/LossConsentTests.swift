import EbbModel
import EbbPlan
import EbbSetup
import EbbStore
import EbbTestSupport
import FoundationEssentials
import Synchronization
import Testing

@testable import EbbEngine

/// What the first boot that erases may lose: what a person was shown, and nothing else.
struct LossConsentTests {
    private let scene: RolloutScene
    private let notes = Notes()

    private final class Notes: Sendable {
        private let texts = Mutex<[String]>([])

        var all: [String] { texts.withLock(\.self) }

        func take(_ report: OnboardingRunner.Report) {
            if case .note(let text) = report { texts.withLock { $0.append(text) } }
        }
    }

    init() throws { scene = try RolloutScene() }

    private func runner(acceptedBy name: String? = nil) -> OnboardingRunner {
        var choices = OnboardingRunner.Choices()
        choices.lossAcceptedBy = name
        let notes = notes
        return OnboardingRunner(
            engine: scene.engine, settings: scene.settings[0], mechanism: .initramfsMkfs, choices: choices,
            prove: { _ in nil }, tell: { notes.take($0) })
    }

    private func objection(acceptedBy name: String? = nil) async throws -> String? {
        var journal = try await OnboardingJournal.load(of: scene.host.name, from: scene.store)
        return try await runner(acceptedBy: name).objectionToLosses(&journal)
    }

    private func lose(_ paths: [String]) {
        scene.host.machine.drift = paths.map { "\t\($0)//f 18 600 0 0 1790000000.0000000000 1790000000.0000000000 7" }
    }

    @Test func `a host that would lose nothing needs nobody's consent`() async throws {
        #expect(try await objection() == nil)
        #expect(try await scene.store.onboardingEvents(of: scene.host.name).isEmpty)
    }

    @Test func `losses that nobody agreed to stand in the way, and are shown`() async throws {
        lose(["/root/notes", "/root/letters"])
        let objection = try #require(try await objection())
        #expect(objection.contains("2 paths would be lost"))
        #expect(objection.contains("ebb onboard a apply --accept-loss"))
        #expect(notes.all.contains("would be lost: /root/notes"))
    }

    @Test func `consent holds for exactly what was agreed to`() async throws {
        lose(["/root/notes"])
        #expect(try await objection(acceptedBy: "ops") == nil)
        #expect(try await objection() == nil)
        lose(["/root/notes", "/root/thesis"])
        #expect(try await objection() != nil)
        #expect(notes.all.contains("would be lost: /root/thesis"))
        lose(["/root/notes"])
        #expect(try await objection() == nil)
        // Who agreed to the new losses agreed to them, not to the old ones.
        lose(["/root/thesis"])
        #expect(try await objection(acceptedBy: "ops") == nil)
        lose(["/root/notes"])
        #expect(try await objection() != nil)
    }

    @Test func `a consent that does not say to what is asked for again`() async throws {
        lose(["/root/notes"])
        var journal = try await OnboardingJournal.load(of: scene.host.name, from: scene.store)
        try await journal.append(.lossAccepted(by: "ops", losses: nil), at: scene.fleet.clock.date)
        #expect(try await objection() != nil)
    }

    @Test func `a host that does not answer is not taken to lose nothing`() async throws {
        scene.host.machine.goDown()
        #expect(try await objection() != nil)
    }
}
