import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import EbbTestSupport
import FoundationEssentials
import Testing

@testable import EbbEngine

/// "Erased" means each place that the inventory promises, by its own evidence.
@Suite struct ErasureTests {
    /// A host that erases `/scratch` as well, and what happens to it while it is down or right after it came up.
    private func scene(
        _ change: (inout HostSettings) -> Void = { $0.root?.erases = ["/scratch"] },
        down: @escaping @Sendable (inout ScriptedMachine) -> Void = { _ in },
        up: @escaping @Sendable (inout ScriptedMachine) -> Void = { _ in }
    ) throws -> RolloutScene {
        let scene = try RolloutScene(["a"], change)
        scene.host.machine.erased = ["/", "/scratch"]
        scene.host.whenToldToReboot = ScriptedHost.Course([
            .down(after: .seconds(1)), ScriptedHost.Happening(after: .seconds(2), down), .up(after: .seconds(20)),
            ScriptedHost.Happening(after: .seconds(20), up),
        ])
        return scene
    }

    private func end(_ scene: RolloutScene) async throws -> AttemptEnd {
        try #require(try await scene.run().ends[scene.host.name])
    }

    // MARK: - each erased mount

    @Test func `a host whose erased mounts are mounted and new is proven`() async throws {
        let end = try await end(try scene())
        #expect(end.reason == .proven, "\(end)")
        #expect(end.verdict?.reasons.contains("/scratch is a new one") == true)
    }

    @Test func `a mount that is not mounted any more was not erased by that`() async throws {
        let end = try await end(try scene(down: { $0.unmounted = ["/scratch"] }))
        #expect(end.reason == .evidenceIncomplete)
        #expect(end.message.contains("/scratch"))
        #expect(end.verdict?.erasure == .unknown)
        #expect(end.verdict?.reasons.contains { $0.hasPrefix("/scratch is not mounted") } == true)
    }

    @Test func `another storage at the place of an erased one says nothing of that`() async throws {
        let end = try await end(try scene(down: { $0.devices["/scratch"] = "ext4 /dev/other" }))
        #expect(end.reason == .evidenceIncomplete && end.verdict?.erasure == .unknown)
        #expect(end.message.contains("/scratch is another storage"))
    }

    @Test func `a mount that is only emptied is erased, as long as it holds nothing of before`() async throws {
        let emptied = try scene()
        emptied.host.machine.renewed = ["/"]
        #expect(try await end(emptied).reason == .proven)

        let full = try scene()
        full.host.machine.renewed = ["/"]
        full.host.machine.holdsOlder = ["/scratch"]
        let contradiction = try await end(full)
        #expect(contradiction.reason == .evidenceContradicts && contradiction.verdict?.erasure == .unknown)
        #expect(contradiction.message.contains("/scratch"))

        let silent = try scene()
        silent.host.machine.renewed = ["/"]
        silent.host.machine.answers["erased-places"] = .init(status: 1)
        #expect(try await end(silent).reason == .evidenceIncomplete)
    }

    @Test func `a mount whose mark cannot be read is not known to be erased`() async throws {
        let end = try await end(try scene(up: { $0.answers["erased-0"] = .init(error: "stat: no\n", status: 1) }))
        #expect(end.reason == .evidenceIncomplete && end.verdict?.erasure == .unknown)
        #expect(end.message.contains("/scratch"))
    }

    @Test func `drift of a host whose ordered boot is inconclusive is not complete, and an override proves nothing`()
        async throws
    {
        let silent = try scene()
        silent.host.machine.renewed = ["/"]
        silent.host.machine.answers["erased-places"] = .init(status: 1)
        #expect(try await end(silent).reason == .evidenceIncomplete)
        func status() async throws -> [EbbModel.ExitStatus] {
            let survey = DriftSurvey(silent.store)
            let live = try await survey.observed(silent.settings, by: silent.engine)
            let stored = try await survey.stored(silent.settings, now: silent.fleet.clock.date)
            return [live, stored].map {
                DriftReport(generatedAt: silent.fleet.clock.date, hosts: $0).exitStatus(failOn: [])
            }
        }
        #expect(try await status() == [.incomplete, .incomplete])
        let rollout = try await silent.attempts()[0].rollout
        _ = try await RolloutDriver.override(rollout, silent.host.name, author: "kim", reason: "seen", in: silent.store)
        #expect(try await status() == [.incomplete, .incomplete])
        // The next boot that is proven does.
        silent.host.machine.answers["erased-places"] = nil
        #expect(try await end(silent).reason == .proven)
        #expect(try await status() == [.success, .success])
    }

    // MARK: - the blank

    /// A root that is copied out of a directory with a mark, which is on record.
    private func copied(up: @escaping @Sendable (inout ScriptedMachine) -> Void = { _ in }) async throws -> RolloutScene
    {
        let scene = try scene({ $0.root?.blank = "/persist/blank" }, up: up)
        scene.host.machine.blank = "77"
        scene.host.machine.answers["directory-blank"] = .init("there\nidentity 77 1\ndevices 1 2\nneeded 1\nfree 9\n")
        try await scene.store.recordBlank(
            host: scene.host.name,
            StoredBlank(name: "/persist/blank", guid: "77", createdAt: 1, recordedAt: scene.fleet.clock.date))
        return scene
    }

    @Test func `a root that was made from another blank than the recorded one is never proven`() async throws {
        let well = try await end(try await copied())
        #expect(well.reason == .proven, "\(well)")
        let end = try await end(try await copied(up: { $0.blank = "78" }))
        #expect(end.reason == .blankReplaced && end.verdict?.erasure == .unknown)
        #expect(end.message == "the root was made from the blank 78, on record is 77")
    }

    @Test(arguments: ["13 /etc/cron.d/x", "13", ""]) func `a blank that was changed in place is no blank to go back to`(
        answer: String
    ) async throws {
        let scene = try scene({
            $0.root = RootSettings(strategy: .btrfs)
            $0.root?.top = "/top"
            $0.root?.subvolume = "root"
            $0.root?.blank = "blank"
        })
        scene.host.machine.devices["/"] = "btrfs /dev/vda"
        let rows = [
            "ID 256 gen 14 cgen 12 top level 5 parent_uuid 2 uuid 1 path root",
            "ID 257 gen 13 cgen 8 top level 5 parent_uuid - uuid 2 path blank",
        ].map { $0 + "\n" }.joined()
        scene.host.machine.answers["btrfs-subvolumes"] = ScriptedMachine.Answer(
            "\0\(rows)\0" + ["256", "root", "ro=false", "257", "blank", "ro=true"].map { $0 + "\0" }.joined())
        scene.host.machine.answers["blank-state"] = ScriptedMachine.Answer(answer + "\n")
        let (_, objection) = try await scene.engine.preflight(
            scene.settings[0], controller: PreflightGate.Controller(bootID: nil, machineID: nil), acceptsLoss: true)
        if answer.contains("/") {
            #expect(objection?.reason == .blankUnfit)
            #expect(objection?.message == "blank: it was changed after it was taken: /etc/cron.d/x")
        } else {
            #expect(objection == nil, "\(String(describing: objection))")
        }
    }

    @Test func `a gap about the blank decides the proof, one about the drift does not`() async throws {
        let words = "the root was not made from the blank at /btrfs-top/blank"
        let blank = try await end(try scene(up: { $0.drift = ["#origin mismatch \(words)"] }))
        #expect(blank.reason == .evidenceIncomplete && blank.verdict?.erasure == .unknown)
        #expect(blank.message.contains(words) && blank.verdict?.retention == .kept)
        let drift = try await end(try scene(up: { $0.drift = ["#gap failed one file could not be compared"] }))
        #expect(drift.reason == .proven, "\(drift)")
    }

    // MARK: - predictions

    private static func file(_ path: String, _ time: String) -> String { "\t\(path)//f 18 644 0 0 \(time) \(time) 7" }

    @Test func `a file that was to go and is there as it was makes the boot partly erased`() async throws {
        let scene = try scene()
        scene.host.machine.drift = [Self.file("/opt/thing/data", "1789990000.0000000000")]
        let end = try await end(scene)
        #expect(end.reason == .partlyErased && end.verdict?.erasure == .notErased, "\(end)")
        #expect(end.message.contains("/opt/thing/data"))
    }

    @Test func `paths that came back are said in the verdict`() async throws {
        let scene = try scene(up: { $0.drift = [Self.file("/opt/thing/data", "1790000900.0000000000")] })
        scene.host.machine.drift = [Self.file("/opt/thing/data", "1789990000.0000000000")]
        let end = try await end(scene)
        #expect(end.reason == .proven, "\(end)")
        #expect(
            end.verdict?.reasons.contains("1 paths that were to be undone came back after the boot: /opt/thing/data")
                == true)
    }

    @Test func `what an earlier look at the same boot found counts in its proof`() async throws {
        let scene = try scene()
        scene.host.machine.drift = [Self.file("/opt/thing/data", "1789990000.0000000000")]
        // The first look is whole, and the canaries are not answered: the boot is judged again.
        scene.host.interrupt = .once("canaries", .shorten(100))
        #expect(try await end(scene).reason == .partlyErased)
    }

    // MARK: - canaries that come by another road

    /// Where this controller's canary on the root lies: the one on persistent storage says who that is.
    private static func canary(_ machine: ScriptedMachine) -> String {
        let kept = machine.files.keys.first { $0.hasPrefix("/persist/.ebb/canary.") } ?? ""
        return "/.ebb-canary." + kept.split(separator: ".").suffix(1).joined()
    }

    private func restored(_ inode: Int?, renewsRoot: Bool = true) async throws -> AttemptEnd {
        let scene = try scene(
            down: { $0.files["/persist/backup"] = $0.files[Self.canary($0)] },
            up: {
                $0.files[Self.canary($0)] = $0.files["/persist/backup"]
                $0.inodes[Self.canary($0)] = inode
            })
        scene.host.machine.renewsRoot = renewsRoot
        return try await end(scene)
    }

    @Test func `a canary that a backup brought back is not the one that was left`() async throws {
        let end = try await restored(99)
        #expect(end.reason == .proven, "\(end)")
        #expect(end.verdict?.reasons.contains { $0.contains("another file") } == true)
        // Where the root is the old one, nothing was erased, whatever became of the file.
        let kept = try await restored(99, renewsRoot: false)
        #expect(kept.reason == .notErased && kept.verdict?.erasure == .notErased)
    }

    @Test func `a canary with somebody else's token says nothing against a root`() async throws {
        let end = try await end(try scene(up: { $0.files[Self.canary($0)] = String(repeating: "b", count: 32) }))
        #expect(end.reason == .proven, "\(end)")
        #expect(end.verdict?.reasons.contains { $0.contains("another token") } == true)
    }

    @Test func `the very file that was left means that nothing was erased`() async throws {
        let scene = try scene()
        scene.host.machine.erased = []
        #expect(try await end(scene).reason == .notErased)
    }

    @Test func `a blank that holds a canary leaves the answer to the mark of the root`() async throws {
        let scene = try scene({ $0.root?.blank = "/persist/blank" })
        scene.host.machine.answers["directory-blank"] = .init("there\ndevices 1 2\nneeded 1\nfree 9\n")
        try await scene.run()
        // Standing canaries are there; the blank is taken with them, and the host boots by itself.
        let canary = Self.canary(scene.host.machine)
        let token = try #require(scene.host.machine.files[canary])
        let inode = scene.host.machine.inodes[canary]
        scene.host.machine.files["/persist/blank" + canary] = token
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        scene.host.machine.files[canary] = token
        scene.host.machine.inodes[canary] = inode
        let look = try await scene.engine.observe(scene.settings[0], kind: .drift)
        #expect(look.unorderedBoot?.reason == .proven)
        #expect(look.unorderedBoot?.verdict?.reasons.contains { $0.contains("the blank holds") } == true)
    }
}
