import EbbPlan
import Testing

@testable import EbbModel

@Suite struct BootProofTests {
    static let token = String(repeating: "a", count: 32)

    static func mount(_ point: String) -> Mount {
        Mount(
            device: "0:1", root: BytePath("/"), mountPoint: BytePath(point), options: "rw", fileSystem: "btrfs",
            source: "/dev/vda", superOptions: "rw")
    }

    static func evidence() throws -> BootEvidence {
        let old = try #require(BootID("11111111-1111-4111-8111-111111111111"))
        let new = try #require(BootID("22222222-2222-4222-8222-222222222222"))
        let entry = PersistenceEntry(path: "/var/lib/x", mechanism: .bind)
        var evidence = BootEvidence(
            strategy: .btrfs, before: HostFacts(bootID: old, machineID: "m", failedUnits: [], rootIdentity: "uuid-1"),
            after: HostFacts(bootID: new, machineID: "m", failedUnits: [], rootIdentity: "uuid-2"),
            observedStrategy: .btrfs,
            canaries: [
                Canary(kind: .negative, mount: "/", token: token),
                Canary(kind: .positive, mount: "/persist", token: token),
            ], readings: [.absent(on: BytePath("/")), .present(token: token, mount: BytePath("/persist"))],
            declared: [DeclaredFinding(entry: entry, verdict: .inEffect, reason: "bound")])
        evidence.root = RootSettings(strategy: .btrfs)
        (evidence.recordedBlank, evidence.after.blank) = ("blank-1", "blank-1")
        return evidence
    }

    @Test func `a boot with every piece of evidence is proven`() throws {
        let end = BootProof.judge(try Self.evidence())
        #expect(end.reason == .proven)
        #expect(end.verdict?.isProven == true)
    }

    @Test func `each piece of contrary or missing evidence has its own end, none of them good`() throws {
        let gap = ProbeGap(probe: "canary", reason: .failed, message: "permission denied")
        let other = String(repeating: "b", count: 32)
        let entry = PersistenceEntry(path: "/var/lib/x", mechanism: .bind)
        let cases: [(String, AttemptReason, (inout BootEvidence) -> Void)] = [
            ("same boot", .didNotReboot, { $0.after.bootID = $0.before.bootID }),
            ("boot id unknown", .evidenceIncomplete, { $0.after.bootID = nil }),
            ("other machine", .differentMachine, { $0.after.machineID = "n" }),
            ("machine id unknown", .evidenceIncomplete, { $0.after.machineID = nil }),
            (
                "disk in another machine", .evidenceIncomplete,
                { ($0.before.serial, $0.after.serial) = ("PF-1", "PF-2") }
            ), ("junk is there", .notErased, { $0.readings[0] = .present(token: Self.token, mount: BytePath("/")) }),
            (
                "another token on the same root", .notErased,
                {
                    $0.readings[0] = .present(token: other, mount: BytePath("/"))
                    $0.after.rootIdentity = "uuid-1"
                }
            ),
            (
                "nothing can be written", .notWritable,
                { $0.declared = [DeclaredFinding(entry: entry, verdict: .readOnly, reason: "full")] }
            ), ("another blank", .blankReplaced, { $0.recordedBlank = "blank-2" }),
            (
                "a blank that is not known", .evidenceIncomplete,
                { ($0.recordedBlank, $0.after.blank) = ("blank-1", nil) }
            ),
            (
                "a blank that was changed in place", .blankReplaced,
                { $0.after.blankState = BlankState(generation: 9, changed: "/etc/cron.d/x") }
            ),
            (
                "another subvolume", .evidenceContradicts,
                {
                    $0.root?.subvolume = "old-roots/3"
                    $0.after.mounts = [Self.mount("/")]
                }
            ),
            (
                "a gap about the blank", .evidenceIncomplete,
                { $0.gaps = [ProbeGap(probe: "blank", reason: .mismatch, message: "not made from it")] }
            ), ("negative unreadable", .evidenceIncomplete, { $0.readings[0] = .unknown(gap) }),
            ("positive gone, mounts unread", .stateLost, { $0.readings[1] = .absent(on: BytePath("/")) }),
            (
                "positive gone, mounted", .persistReplaced,
                {
                    $0.after.mounts = [Self.mount("/"), Self.mount("/persist")]
                    $0.readings[1] = .absent(on: BytePath("/"))
                }
            ),
            (
                "positive gone, not mounted", .persistNotMounted,
                {
                    $0.after.mounts = [Self.mount("/")]
                    $0.readings[1] = .absent(on: BytePath("/"))
                }
            ),
            (
                "one of two erased", .partlyErased,
                {
                    $0.canaries.append(Canary(kind: .negative, mount: "/var", token: Self.token))
                    $0.readings.append(.present(token: Self.token, mount: BytePath("/var")))
                }
            ),
            (
                "positive of an earlier attempt", .persistReplaced,
                {
                    $0.readings[1] = .present(token: other, mount: BytePath("/persist"))
                    $0.origins[other] = .earlier
                }
            ),
            (
                "positive replaced by a later one of Ebb's", .evidenceIncomplete,
                {
                    $0.readings[1] = .present(token: other, mount: BytePath("/persist"))
                    $0.origins[other] = .later
                }
            ),
            (
                "positive of another database", .evidenceIncomplete,
                { $0.readings[1] = .present(token: other, mount: BytePath("/persist")) }
            ),
            (
                "positive emptied", .persistReplaced,
                { $0.readings[1] = .present(token: "empty", mount: BytePath("/persist")) }
            ),
            (
                "positive on the root", .persistNotMounted,
                { $0.readings[1] = .present(token: Self.token, mount: BytePath("/")) }
            ), ("positive unreadable", .evidenceIncomplete, { $0.readings[1] = .unknown(gap) }),
            ("same subvolume", .evidenceContradicts, { $0.after.rootIdentity = "uuid-1" }),
            ("no mark of the root", .evidenceIncomplete, { $0.after.rootIdentity = nil }),
            ("other strategy", .evidenceContradicts, { $0.observedStrategy = .overlay }),
            ("mounts unreadable", .evidenceIncomplete, { $0.observedStrategy = nil }),
            (
                "declared leaked", .declaredLost,
                { $0.declared = [DeclaredFinding(entry: entry, verdict: .leaked, reason: "not mounted")] }
            ),
            (
                "declared unknown", .evidenceIncomplete,
                { $0.declared = [DeclaredFinding(entry: entry, verdict: .unknown, reason: "not asked")] }
            ), ("unit failed", .unitFailed, { $0.after.failedUnits = ["a.service"] }),
            ("units unknown", .evidenceIncomplete, { $0.after.failedUnits = nil }),
            ("a gap", .evidenceIncomplete, { $0.gaps = [gap] }),
            ("no canaries", .evidenceIncomplete, { $0.canaries = [] }),
        ]
        for (name, reason, change) in cases {
            var evidence = try Self.evidence()
            change(&evidence)
            let end = BootProof.judge(evidence)
            #expect(end.reason == reason, "\(name): \(end.message)")
            // Failed units are about health: the state itself may well be erased and kept.
            if !name.contains("unit") { #expect(end.verdict?.isProven != true, "\(name)") }
        }
    }

    @Test func `what lies in a place that was made anew, and is older than it, was not erased`() throws {
        var evidence = try Self.evidence()
        evidence.canaries.append(Canary(kind: .negative, mount: "/scratch", token: Self.token))
        evidence.readings.append(.absent(on: BytePath("/scratch")))
        for (facts, mark) in [(\BootEvidence.before, "uuid-3"), (\.after, "uuid-4")] {
            evidence[keyPath: facts].mounts = [Self.mount("/"), Self.mount("/scratch")]
            evidence[keyPath: facts].erasedPlaces = ["/scratch": mark]
        }
        #expect(BootProof.judge(evidence).reason == .evidenceIncomplete)
        evidence.holdsOlder = ["/scratch": true]
        #expect(BootProof.judge(evidence).reason == .proven)
        evidence.nested = ["/scratch": BytePath("/scratch/vol")]
        let end = BootProof.judge(evidence)
        #expect(end.reason == .partlyErased && end.message.contains("/scratch/vol"))
    }

    @Test func `what an overlay writes to is asked, where it can be reached`() throws {
        let cases: [(String, String, AttemptReason)] = [
            ("overlay upper=/a", "overlay upper=/a", .proven),
            ("overlay upper=/a type=tmpfs device=7", "overlay upper=/a type=tmpfs device=7", .proven),
            (
                "overlay born=1 upper=/a type=ext2/ext3 device=7", "overlay born=2 upper=/a type=ext2/ext3 device=7",
                .proven
            ),
            (
                "overlay born=1 upper=/a type=ext2/ext3 device=7", "overlay born=1 upper=/a type=ext2/ext3 device=7",
                .evidenceContradicts
            ),
        ]
        for (before, after, reason) in cases {
            var evidence = try Self.evidence()
            (evidence.strategy, evidence.observedStrategy) = (.overlay, .overlay)
            (evidence.before.rootIdentity, evidence.after.rootIdentity) = (before, after)
            #expect(BootProof.judge(evidence).reason == reason, "\(after)")
        }
    }

    @Test func `a blank whose content nobody could look at is compared by its identity, and that is said`() throws {
        var evidence = try Self.evidence()
        func reasons() -> String { BootProof.judge(evidence).verdict?.reasons.joined(separator: "\n") ?? "" }
        #expect(reasons().contains("by its UUID alone"))
        evidence.after.blankState = BlankState(generation: 9)
        #expect(!reasons().contains("by its UUID alone"))
    }

    @Test func `a blank that was changed and then made the root is no blank, whatever its generation`() throws {
        var evidence = try Self.evidence()
        evidence.before.blankState = BlankState(generation: 9, newest: "946684800.5/etc/issue")
        evidence.after.blankState = BlankState(generation: 12, newest: "946684800.5/etc/issue")
        #expect(BootProof.judge(evidence).reason == .proven)
        evidence.after.blankState = BlankState(generation: 12, newest: "946684900.5/etc/door")
        let end = BootProof.judge(evidence)
        #expect(end.reason == .blankReplaced && end.message.hasSuffix(": /etc/door"))
    }

    @Test func `another blank than before the boot is not believed where none is on record`() throws {
        var evidence = try Self.evidence()
        evidence.recordedBlank = nil
        (evidence.before.blank, evidence.after.blank) = ("1-a", "1-a")
        #expect(BootProof.judge(evidence).reason == .proven)
        evidence.after.blank = "2-b"
        #expect(BootProof.judge(evidence).reason == .evidenceIncomplete)
    }

    @Test func `an overlay that cannot be seen is not said to be in memory`() throws {
        var evidence = try Self.evidence()
        (evidence.strategy, evidence.observedStrategy) = (.overlay, .overlay)
        for (old, new, words) in [
            ("overlay born=1 upper=/a", "overlay born=2 upper=/a", "the overlay root is a new one"),
            ("overlay upper=/a", "overlay upper=/a", "cannot be seen from within"),
            ("overlay upper=/a", "overlay upper=/a type=tmpfs device=3", "live in memory"),
        ] {
            (evidence.before.rootIdentity, evidence.after.rootIdentity) = (old, new)
            let end = BootProof.judge(evidence)
            #expect(end.reason == .proven && end.verdict?.reasons.contains { $0.contains(words) } == true, "\(new)")
        }
    }

    @Test func `a unit that had failed before the boot is not held against it`() throws {
        var evidence = try Self.evidence()
        evidence.before.failedUnits = ["old.service"]
        evidence.after.failedUnits = ["old.service"]
        #expect(BootProof.judge(evidence).reason == .proven)
    }
}
