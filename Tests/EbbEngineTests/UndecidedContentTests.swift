import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import Testing

@testable import EbbEngine

/// A boot that nobody ordered, and in which declared content is not as it was on record.
@Suite struct UndecidedContentTests {
    /// A host that declares `/etc/app`, with these files in it.
    func scene(
        _ files: [String: String] = ["a.conf": "a", "b.conf": "b"], _ names: [String] = ["a"],
        as stateClass: StateClass = .config
    ) throws -> RolloutScene {
        let scene = try RolloutScene(names) {
            $0.persistence = [
                PersistenceEntry(path: "/etc/app", mechanism: .config, target: "/persist/app", stateClass: stateClass)
            ]
        }
        scene.host.machine.answers["declared"] = .init(
            ["0", "", "/etc/app", "", "41ed 8:7 0 0 755 4096\nroot\nroot", "/persist/app", ""].map { $0 + "\0" }
                .joined())
        scene.host.machine.answers["write-test"] = .init("0\0works\0\0")
        hold(files, scene)
        return scene
    }

    /// From now on, or from the next ordered boot on, `/etc/app` holds these files.
    func hold(_ files: [String: String], _ scene: RolloutScene, on storage: String = "aa", inNextBoot: Bool = false) {
        func digest(_ content: String) -> String {
            content.isEmpty ? "" : String(repeating: content.first ?? "0", count: 64)
        }
        let names = files.sorted { $0.key < $1.key }
        let census =
            [
                "= 0", "top 41ed 8:7 0 0 4096 1700000000", "fs ef53 \(storage)",
                "sum 0 \(files.count) 0 0 0 \(files.count * 9) 1",
            ] + names.map { "n f 9 0 0 644 1700000000.0 \($0.key)" }
            + names.map { "d \(digest($0.value))  ./\($0.key)" } + ["."]
        let check =
            ["= 0"] + names.map { "n 81a4 9 0 0 1700000000 ./\($0.key)" }
            + names.map { "d \(digest($0.value))  ./\($0.key)" } + ["."]
        let answers = [
            "census": ScriptedMachine.Answer(census.map { $0 + "\0" }.joined()),
            "census-check": .init(check.map { $0 + "\0" }.joined()),
        ]
        @Sendable func put(_ machine: inout ScriptedMachine) { machine.answers.merge(answers) { $1 } }
        guard inNextBoot else {
            scene.host.whenToldToReboot = .boot()
            return put(&scene.host.machine)
        }
        scene.host.whenToldToReboot = .init([
            .down(after: .seconds(1)), .init(after: .seconds(10)) { put(&$0) }, .up(after: .seconds(20)),
        ])
    }

    /// A proven host that lost `b.conf` in a boot of its own.
    func lost() async throws -> RolloutScene {
        let scene = try scene()
        let end = try await scene.run().ends[scene.host.name]
        #expect(end?.reason == .proven, "\(end.map { "\($0)" } ?? "")")
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        hold(["a.conf": "a"], scene)
        return scene
    }

    func drift(_ scene: RolloutScene) async throws -> [CensusFinding] {
        _ = try await scene.engine.observe(scene.settings[0], kind: .drift)
        return try await scene.store.openContent(of: scene.host.name).undecided
    }

    func accept(_ scene: RolloutScene) async throws -> StoredAcceptance {
        try await scene.store.accept(
            .content, of: scene.host.name, author: "kim", reason: "mine", at: scene.fleet.clock.date)
    }

    @Test func `what is missing after a boot that nobody ordered stays a question, with names`() async throws {
        let scene = try await lost()
        for _ in 0..<3 {
            let open = try await drift(scene)
            #expect(open.count == 1 && open[0].path == "/etc/app" && open[0].message.contains("b.conf is gone"))
        }
        let boots = try await scene.store.boots(of: scene.host.name)
        #expect(boots[0].verdict?.retention == .unknown && boots[0].verdict?.isFailed == false)
        // The canaries of before are those that the next boot is judged by as well.
        #expect(try await scene.store.latestCanaries(of: scene.host.name)?.boot == scene.host.machine.boot(1))
    }

    @Test func `no run forgets what is missing, though nobody observed the host before`() async throws {
        let scene = try await lost()
        for _ in 0..<2 {
            let end = try await scene.run().ends[scene.host.name]
            #expect(end?.reason == .contentUndecided, "\(end.map { "\($0)" } ?? "")")
            #expect(end?.message.contains("/etc/app: b.conf is gone") == true)
            #expect(end?.message.contains("ebb host accept a content") == true)
        }
        #expect(scene.host.machine.boots == 2)
    }

    @Test func `another boot by itself forgets nothing either`() async throws {
        let scene = try await lost()
        _ = try await drift(scene)
        _ = try await scene.run()
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        #expect(try await drift(scene).count == 1)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .contentUndecided)
    }

    @Test func `what is put back ends the question by itself`() async throws {
        let scene = try await lost()
        #expect(try await drift(scene).count == 1)
        hold(["a.conf": "a", "b.conf": "b"], scene)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        #expect(try await drift(scene) == [])
    }

    @Test func `a person ends the question, on the record, and the next run is proven`() async throws {
        let scene = try await lost()
        #expect(try await drift(scene).count == 1)
        let accepted = try await accept(scene)
        #expect(accepted.marks.map(\.name) == ["/etc/app"] && accepted.marks[0].new.contains("b.conf is gone"))
        #expect(try await scene.store.openContent(of: scene.host.name).undecided == [])
        let again = await #expect(throws: StoreError.self) { try await accept(scene) }
        #expect(again?.code == .notFound)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        #expect(try await scene.store.verifyChain().isIntact)
        // What was accepted in one boot is on record from then on, and what goes in the next is another question.
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        #expect(try await drift(scene) == [])
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        hold([:], scene)
        #expect(try await drift(scene).count == 1)
    }

    @Test func `an observation that could not look ends no question`() async throws {
        let scene = try await lost()
        #expect(try await drift(scene).count == 1)
        scene.host.machine.answers["census-check"] = .init(status: 1)
        #expect(try await drift(scene).count == 1)
        scene.host.machine.answers["census"] = .init(status: 1)
        #expect(try await drift(scene).count == 1)
    }

    @Test func `where nobody is to look a question stays one`() async throws {
        let scene = try await lost()
        #expect(try await drift(scene).count == 1)
        var unlooked = scene.settings[0]
        unlooked.persistence[0].askedCensus = .off
        _ = try await scene.engine.observe(unlooked, kind: .drift)
        #expect(try await scene.store.openContent(of: scene.host.name).undecided.count == 1)
        #expect(try await drift(scene).count == 1)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .contentUndecided)
    }

    @Test func `a census is held against the boot though no canaries were left`() async throws {
        let scene = try scene()
        _ = try await scene.engine.observe(scene.settings[0], kind: .preflight)
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        #expect(try await drift(scene) == [])
        #expect(try await scene.store.boots(of: scene.host.name)[0].verdict == nil)
        hold(["a.conf": "a"], scene)
        #expect(try await drift(scene).count == 1)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .contentUndecided)
        _ = try await accept(scene)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
    }

    @Test func `the plan says what the run would, and what only the run can find out`() async throws {
        let scene = try await lost()
        func reason() async throws -> AttemptReason? {
            let outlook = try await scene.driver().driver.outlooks(of: scene.plan)[scene.host.name]
            if case .wouldNot(let end)? = outlook?.answer { return end.reason }
            return nil
        }
        #expect(try await reason() == nil)
        #expect(try await drift(scene).count == 1)
        #expect(try await reason() == .contentUndecided)
        _ = try await accept(scene)
        #expect(try await reason() == nil)
    }

    @Test func `a host that a rollout holds, and one whose group is spent, are no hosts to reboot`() async throws {
        let scene = try RolloutScene(["a", "b"]) { $0.reboot.maxUnavailable = .hosts(1) }
        scene.host.whenToldToReboot = .neverBack
        _ = try await scene.driver().driver.start(scene.plan, pattern: "all", acceptsLoss: false)
        let driver = scene.driver().driver
        let outlooks = try await driver.outlooks(of: try await driver.plan(scene.settings))
        guard case .notKnown(let words)? = outlooks[scene.settings[0].host]?.answer,
            case .wouldNot(let end)? = outlooks[scene.settings[1].host]?.answer
        else {
            Issue.record("\(outlooks)")
            return
        }
        #expect(words.contains("ebb reboot override"))
        #expect(end.reason == .maxUnavailable && end.message.hasSuffix(": a"))
    }

    @Test func `a boot that erased nothing and misses content keeps both on record`() async throws {
        let scene = try scene()
        _ = try await scene.run()
        scene.host.machine.erased = []
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        hold(["a.conf": "a"], scene)
        #expect(try await drift(scene).count == 1)
        scene.host.machine.erased = ["/"]
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        #expect(try await drift(scene).count == 1)
    }
}
