import EbbEngine
import EbbInventory
import EbbReport
import EbbStore
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Testing

@testable import EbbModel

/// Playbooks over scripted hosts, with a real database.
@Suite struct PlayTests {
    private func play(_ scene: RolloutScene, _ steps: String, check: Bool = false, aborts: AbortSwitch = AbortSwitch())
        async throws -> PlayReport
    {
        let reading = PlaybookReader.read(Array("name: Test\nhosts: all\nsteps:\n\(steps)\n".utf8), file: "play.yml")
        let driver = RolloutDriver(engine: scene.engine, fleet: scene.settings, aborts: aborts, tell: { _ in })
        return try await Play(
            try #require(reading.playbook, "\(reading.problems)"), driver, isCheck: check,
            Play.Surroundings(
                notes: .silent, arguments: [], rollout: { try await $0(driver) },
                report: { _, rollout in (rollout.map { "rollout \($0.value)" }, .success) })
        ).run(on: scene.settings)
    }

    private func scene(_ names: [String] = ["a", "b"], _ change: (inout HostSettings) -> Void = { _ in }) throws
        -> RolloutScene
    {
        try RolloutScene(names) { settings in
            settings.reboot.maxUnavailable = .rest
            change(&settings)
        }
    }

    @Test func `a rolling reboot proves its hosts and reports its rollout`() async throws {
        let scene = try scene()
        let report = try await play(scene, "  - reboot: {}\n  - report: {kind: reboot}")
        #expect(report.steps[0].hosts.map(\.outcome) == [.changed, .changed])
        #expect(report.steps[1].text == "rollout 1")
        #expect(report.exitStatus == .success)
        #expect(scene.fleet.hosts.map(\.machine.boots) == [1, 1])
    }

    @Test func `a check reboots nobody, and says what would be done`() async throws {
        let scene = try scene()
        let report = try await play(scene, "  - reboot: {}", check: true)
        #expect(report.steps[0].hosts.map(\.outcome) == [.skipped, .skipped])
        #expect(report.steps[0].hosts[0].message.contains("would reboot in wave 1"))
        #expect(scene.fleet.hosts.map(\.machine.boots) == [0, 0])
        #expect(try await scene.store.rollouts(limit: 1).isEmpty)
    }

    @Test func `a check refuses what a run refuses, whatever is wrong`() async throws {
        let troubles: [(String, (ScriptedHost) -> Void)] = [
            ("drift", { $0.machine.drift = ["added f /root/notes"] }),
            ("no answer", { $0.machine.trouble = .connectRefused }),
            ("no boot id", { $0.machine.answers["boot-id"] = .init("") }), ("no storage", { $0.machine.kept = [] }),
            ("no blank", { $0.machine.answers["blank"] = .init(status: 1) }),
        ]
        for (name, trouble) in troubles {
            let outcomes = try await [true, false].asyncMap { isCheck in
                let scene = try scene(["a"])
                trouble(scene.host)
                let host = try await play(scene, "  - reboot: {}", check: isCheck).steps[0].hosts[0]
                return isCheck && host.outcome == .skipped ? Outcome.changed : host.outcome
            }
            #expect(outcomes[0] == outcomes[1], "\(name)")
        }
    }

    @Test func `a check asks for the blank that a run would not go back to`() async throws {
        // On record, and not on the host: a boot would erase nothing.
        let outcomes = try await [true, false].asyncMap { isCheck in
            let scene = try scene(["a"]) { settings in
                settings.root = RootSettings(strategy: .zfs, dataset: "rpool/root", blank: "blank")
            }
            return try await play(scene, "  - reboot: {}", check: isCheck).steps[0].hosts[0].outcome
        }
        #expect(outcomes == [.failed, .failed])
    }

    @Test func `a failed step stops the rest, but for the report`() async throws {
        let scene = try scene()
        scene.fleet.hosts[0].machine.trouble = .connectRefused
        let report = try await play(scene, "  - verify: {}\n  - reboot: {}\n  - report: {kind: reboot}")
        #expect(report.steps[0].hosts.map(\.outcome) == [.unreachable, .ok])
        #expect(report.steps[1].notRun?.contains("failed") == true)
        #expect(report.steps[2].notRun == nil && report.wasStopped)
        #expect(report.exitStatus == .incomplete)
        #expect(scene.fleet.hosts.map(\.machine.boots) == [0, 0])
    }

    @Test func `a host that fails is left out where the step says so`() async throws {
        let scene = try scene()
        scene.fleet.hosts[0].machine.trouble = .connectRefused
        let report = try await play(scene, "  - verify: {}\n    on_failure: leave_out\n  - reboot: {}")
        #expect(report.steps[1].hosts.map(\.host.text) == ["b"])
        #expect(scene.fleet.hosts.map(\.machine.boots) == [0, 1])
    }

    @Test func `an interruption keeps later steps from being begun`() async throws {
        let scene = try scene()
        let aborts = AbortSwitch()
        aborts.abort()
        let report = try await play(scene, "  - reboot: {}\n  - report: {kind: reboot}", aborts: aborts)
        #expect(report.steps[0].notRun == "interrupted")
        #expect(report.exitStatus == .interrupted)
        #expect(scene.fleet.hosts.map(\.machine.boots) == [0, 0])
    }

    @Test func `a host that another rollout holds is told apart from the others`() async throws {
        let scene = try scene()
        _ = try await scene.store.beginRollout(
            pattern: "a", plan: "{}", planHash: "hash", controller: scene.controller,
            hosts: [RolloutHost(host: scene.host.name, wave: 0)], at: scene.fleet.clock.date)
        let hosts = try await play(scene, "  - reboot: {}").steps[0].hosts
        #expect(hosts.map(\.outcome) == [.failed, .changed])
        #expect(hosts[0].message == "rollout 1 holds it")
    }

    @Test func `a host that was proven a short while ago is left out`() async throws {
        let scene = try scene()
        let step = "  - reboot: {only_if_older_than: 7d}"
        #expect(try await play(scene, step).steps[0].hosts.map(\.outcome) == [.changed, .changed])
        let again = try await play(scene, step).steps[0].hosts
        #expect(again.map(\.outcome) == [.skipped, .skipped])
        #expect(again[0].message.hasPrefix("proven "))
    }

    @Test func `a command on the controller is run once, with the hosts named`() async throws {
        let report = try await play(
            try scene(), "  - run: {command: 'test \"$EBB_HOSTS\" = \"a b\" && echo fine', on: controller}")
        #expect(report.steps[0].hosts.map(\.outcome) == [.ok, .ok])
        #expect(report.steps[0].hosts[0].message == "fine")
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
