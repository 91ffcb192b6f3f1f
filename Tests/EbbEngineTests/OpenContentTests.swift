import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import Synchronization
import Testing

@testable import EbbEngine
@testable import EbbReport

/// Declared content that a boot which Ebb ordered did not bring through, and what ends that.
extension UndecidedContentTests {
    /// A host that lost `b.conf` in a boot that Ebb ordered, and judged.
    private func lostInOrder() async throws -> RolloutScene {
        let scene = try scene()
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        hold(["a.conf": "a"], scene, inNextBoot: true)
        let end = try await scene.run().ends[scene.host.name]
        #expect(end?.reason == .declaredLost, "\(end.map { "\($0)" } ?? "")")
        return scene
    }

    @Test func `what an ordered boot lost is not forgotten by the next run`() async throws {
        let scene = try await lostInOrder()
        for _ in 0..<2 {
            let end = try await scene.run().ends[scene.host.name]
            #expect(end?.reason == .contentUndecided, "\(end.map { "\($0)" } ?? "")")
            #expect(end?.message.contains("/etc/app: b.conf is gone") == true)
            #expect(end?.message.contains("ebb host accept a content") == true)
        }
        // It is known what the boot did: that is a finding, and no question.
        #expect(try await drift(scene) == [])
        #expect(scene.host.machine.boots == 2)
    }

    @Test func `what an ordered boot lost is not forgotten by a boot by hand`() async throws {
        let scene = try await lostInOrder()
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        #expect(try await drift(scene).count == 1)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .contentUndecided)
        #expect(try await accept(scene).marks.map(\.name) == ["/etc/app"])
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
    }

    @Test func `what an ordered boot lost may be put back, and the boot stays failed`() async throws {
        let scene = try await lostInOrder()
        hold(["a.conf": "a", "b.conf": "c"], scene)
        let end = try await scene.run().ends[scene.host.name]
        #expect(end?.reason == .contentUndecided && end?.message.contains("b.conf has other content") == true)
        hold(["a.conf": "a", "b.conf": "b"], scene)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        let boots = try await scene.store.boots(of: scene.host.name)
        #expect(boots.map { $0.verdict?.retention } == [.kept, .lost, .kept, nil])
    }

    @Test func `what an ordered boot lost may be accepted, or its attempt overridden`() async throws {
        for isOverridden in [false, true] {
            let scene = try await lostInOrder()
            if isOverridden {
                let attempt = try await scene.attempts()[1]
                try await scene.store.recordOverride(
                    attempt.id, author: "kim", reason: "deleted on purpose", at: scene.fleet.clock.date)
            } else {
                #expect(try await accept(scene).marks.map(\.name) == ["/etc/app"])
            }
            #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
            scene.host.machine.comeUp(at: scene.fleet.clock.now)
            #expect(try await drift(scene) == [])
        }
    }

    @Test func `what cannot be looked at after an ordered boot lost it is not put back`() async throws {
        let scene = try await lostInOrder()
        hold(["a.conf": "a", "b.conf": "b"], scene)
        scene.host.machine.answers["census-check"] = .init(status: 1)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .contentUndecided)
    }

    @Test func `another storage is accepted as a storage, and what it holds is looked at after that`() async throws {
        for isRestored in [true, false] {
            let scene = try scene()
            #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
            hold(isRestored ? ["a.conf": "a", "b.conf": "b"] : ["a.conf": "a"], scene, on: "bb", inNextBoot: true)
            #expect(try await scene.run().ends[scene.host.name]?.reason == .storageReplaced)
            let end = try await scene.run().ends[scene.host.name]
            #expect(end?.reason == .contentUndecided && end?.message.contains("ebb host accept a storage") == true)
            let refused = await #expect(throws: StoreError.self) { try await accept(scene) }
            #expect(refused?.message.contains("ebb host accept a storage") == true)
            _ = try await scene.store.accept(
                .storage, of: scene.host.name, author: "kim", reason: "new disk", at: scene.fleet.clock.date)
            let next = try await scene.run().ends[scene.host.name]
            #expect(next?.reason == (isRestored ? .proven : .contentUndecided), "\(next.map { "\($0)" } ?? "")")
            guard !isRestored else { continue }
            #expect(next?.message.contains("ebb host accept a content") == true)
            #expect(try await accept(scene).marks.map(\.name) == ["/etc/app"])
            #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        }
    }

    @Test func `the plan says that what an ordered boot lost stands against the next`() async throws {
        let scene = try await lostInOrder()
        let outlook = try await scene.driver().driver.outlooks(of: scene.plan)[scene.host.name]
        guard case .wouldNot(let end)? = outlook?.answer else {
            Issue.record("\(String(describing: outlook))")
            return
        }
        #expect(end.reason == .contentUndecided)
    }

    @Test func `a storage that is not what it was stands against the next boot, though no content tells`() async throws
    {
        let scene = try scene()
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        // Persistent storage goes back to what it was before the canary was left: its content stood still since.
        scene.host.whenToldToReboot = .init([
            .down(after: .seconds(1)),
            .init(after: .seconds(10)) { machine in
                machine.files = machine.files.filter { !$0.key.hasPrefix("/persist/") }
            }, .up(after: .seconds(20)),
        ])
        #expect(try await scene.run().ends[scene.host.name]?.reason == .persistReplaced)
        scene.host.whenToldToReboot = .boot()
        for _ in 0..<2 {
            let end = try await scene.run().ends[scene.host.name]
            #expect(end?.reason == .contentUndecided && end?.message.contains("persistent storage: /persist") == true)
        }
        #expect(try await accept(scene).marks.map(\.name) == ["persistent storage"])
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
    }

    private func objection(_ scene: RolloutScene, _ change: (inout HostSettings) -> Void) async throws -> AttemptReason?
    {
        var settings = scene.settings[0]
        change(&settings)
        let controller = PreflightGate.Controller(bootID: nil, machineID: nil)
        return try await scene.engine.preflight(settings, controller: controller, acceptsLoss: false).objection?.reason
    }

    @Test(arguments: [true, false]) func `what is asked of a path today answers no question of yesterday`(
        isOrdered: Bool
    ) async throws {
        let scene = isOrdered ? try await lostInOrder() : try await lost()
        if !isOrdered { #expect(try await drift(scene).count == 1) }
        for _ in 0..<2 {
            #expect(try await objection(scene) { $0.persistence[0].stateClass = .cache } == .contentUndecided)
            #expect(try await objection(scene) { $0.persistence[0].askedCensus = .off } == .contentUndecided)
            #expect(try await objection(scene) { $0.persistence = [] } == .contentUndecided)
            #expect(try await objection(scene) { _ in } == .contentUndecided)
        }
        hold(["a.conf": "a", "b.conf": "b"], scene)
        #expect(try await objection(scene) { _ in } == nil)
    }

    @Test func `a part that is put back ends no question where a loss of a part would raise none`() async throws {
        let all = Dictionary(uniqueKeysWithValues: "0123456789abcdef".map { ("f\($0)", String($0)) })
        let scene = try scene(all, as: .precious)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        hold([:], scene, inNextBoot: true)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .declaredLost)
        var some = all
        some["f0"] = nil
        hold(some, scene)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .contentUndecided)
        hold(all, scene)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
    }

    @Test func `another name of the machine forgets nothing`() async throws {
        let scene = try scene(["a.conf": "a", "b.conf": "b"], ["a", "b"])
        let (one, other) = (scene.fleet.hosts[0], scene.fleet.hosts[1])
        _ = try await scene.engine.observe(scene.settings[0], kind: .preflight)
        one.machine.comeUp(at: scene.fleet.clock.now)
        hold(["a.conf": "a"], scene)
        #expect(try await drift(scene).count == 1)
        other.machine = one.machine
        _ = try await scene.engine.observe(scene.settings[1], kind: .drift)
        let open = try await scene.store.openContent(of: other.name)
        #expect(open.undecided.count == 1 && open.findings[0].message.hasPrefix("seen as a: b.conf is gone"))
        let controller = PreflightGate.Controller(bootID: nil, machineID: nil)
        let look = try await scene.engine.preflight(scene.settings[1], controller: controller, acceptsLoss: false)
        #expect(look.objection?.reason == .contentUndecided)
        let accepted = try await scene.store.accept(
            .content, of: other.name, author: "kim", reason: "mine", at: scene.fleet.clock.date)
        #expect(accepted.marks.map(\.beside) == [one.name])
        #expect(try await scene.store.openContent(of: other.name).isEmpty)
        #expect(try await scene.store.openContent(of: one.name).isEmpty)
        #expect(try await scene.store.verifyChain().isIntact)
    }

    @Test func `a late boot that lost content is decided by its override, and accepting says so`() async throws {
        let scene = try scene()
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        scene.host.whenToldToReboot = .neverBack
        #expect(try await scene.run().ends[scene.host.name]?.reason == .neverBack)
        let attempt = try await scene.attempts()[1]
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        hold(["a.conf": "a"], scene)
        #expect(try await scene.engine.judgeLate(attempt, scene.settings[0])?.reason == .declaredLost)
        let refused = await #expect(throws: StoreError.self) { try await accept(scene) }
        #expect(refused?.message.contains("ebb reboot override \(attempt.rollout.value) a") == true)
        let slots = try await scene.store.heldSlots(at: scene.fleet.clock.date)
        #expect(
            slots.map(\.ends) == [
                [
                    "`ebb reboot run a`, once its content is put back",
                    "`ebb reboot override \(attempt.rollout.value) a --reason …`",
                ]
            ])
        try await scene.store.recordOverride(attempt.id, author: "kim", reason: "mine", at: scene.fleet.clock.date)
        scene.host.whenToldToReboot = .boot()
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
    }

    @Test(arguments: [true, false]) func `a boot by hand under a looser inventory answers no question either`(
        isOrdered: Bool
    ) async throws {
        for change: @Sendable (inout HostSettings) -> Void in [
            { $0.persistence[0].stateClass = .cache }, { $0.persistence[0].askedCensus = .off },
            { $0.persistence = [] },
        ] {
            let scene = isOrdered ? try await lostInOrder() : try await lost()
            if !isOrdered { #expect(try await drift(scene).count == 1) }
            var looser = scene.settings[0]
            change(&looser)
            scene.host.machine.comeUp(at: scene.fleet.clock.now)
            _ = try await scene.engine.observe(looser, kind: .drift)
            #expect(try await objection(scene) { _ in } == .contentUndecided)
            hold(["a.conf": "a", "b.conf": "b"], scene)
            #expect(try await objection(scene) { _ in } == nil)
            // What was put back is no question again because something else is asked of it.
            _ = try await scene.engine.observe(looser, kind: .drift)
            #expect(try await objection(scene) { _ in } == nil)
        }
    }

    @Test func `a looser inventory says nothing about what an accepted storage holds`() async throws {
        let scene = try scene()
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        hold(["a.conf": "a"], scene, on: "bb", inNextBoot: true)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .storageReplaced)
        _ = try await scene.store.accept(
            .storage, of: scene.host.name, author: "kim", reason: "new disk", at: scene.fleet.clock.date)
        hold(["a.conf": "a"], scene, on: "bb")
        #expect(try await objection(scene) { $0.persistence[0].stateClass = .cache } == .contentUndecided)
        #expect(try await objection(scene) { $0.persistence = [] } == .contentUndecided)
        _ = try await accept(scene)
        #expect(try await objection(scene) { $0.persistence[0].stateClass = .cache } == nil)
    }

    @Test func `the right storage is no other one when it is back`() async throws {
        let scene = try scene()
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        let right = Mutex([String: String]())
        scene.host.whenToldToReboot = .init([
            .down(after: .seconds(1)),
            .init(after: .seconds(10)) { machine in
                right.withLock { $0 = machine.files.filter { $0.key.hasPrefix("/persist/") } }
                machine.files = machine.files.filter { !$0.key.hasPrefix("/persist/") }
            }, .up(after: .seconds(20)),
        ])
        #expect(try await scene.run().ends[scene.host.name]?.reason == .persistReplaced)
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        scene.host.machine.files.merge(right.withLock { $0 }) { $1 }
        #expect(try await drift(scene) == [])
        let verdict = try await scene.store.boots(of: scene.host.name)[0].verdict
        #expect(verdict?.retention == .kept && verdict?.isFailed == false, "\(String(describing: verdict))")
        scene.host.whenToldToReboot = .boot()
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
    }
}
