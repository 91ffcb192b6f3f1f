import EbbPlan
import FoundationEssentials
import Testing

@testable import EbbModel

@Suite struct PreflightGateTests {
    private func observation() throws -> Observation {
        let mount = Mount(
            device: "0:1", root: BytePath("/"), mountPoint: BytePath("/persist"), options: "rw", fileSystem: "btrfs",
            source: "/dev/sda", superOptions: "rw")
        return Observation(
            host: try HostName("h"), observedAt: Date(timeIntervalSince1970: 0),
            facts: HostFacts(bootID: BootID("11111111-1111-4111-8111-111111111111"), machineID: "m", mounts: [mount]),
            strategy: .btrfs)
    }

    @Test func `what is not known blocks, and a well known host may go`() throws {
        let settings = try Fleet.host("h")
        let elsewhere = PreflightGate.Controller(bootID: BootID("99999999-9999-4999-8999-999999999999"), machineID: "c")
        let gate = PreflightGate(settings: settings, controller: elsewhere, acceptsLoss: false)
        let entry = PersistenceEntry(path: "/x", mechanism: .bind)
        func finding(_ verdict: DeclaredFinding.Verdict) -> [DeclaredFinding] {
            [DeclaredFinding(entry: entry, verdict: verdict, reason: "r")]
        }
        func drift(_ verdict: PathVerdict, _ stateClass: StateClass) -> [DriftEntry] {
            let change = PathChange(path: BytePath("/y"), change: .added, kind: .file)
            return [DriftEntry(change: change, verdict: verdict, stateClass: stateClass, reason: "r")]
        }
        let good = try observation()
        #expect(gate.objection(to: good, declared: finding(.inEffect), entries: []) == nil)
        #expect(gate.objection(to: good, declared: [], entries: drift(.unexplained, .unknown)) == nil)

        typealias Case = (AttemptReason, (inout Observation) -> Void)
        let changes: [Case] = [
            (.preflightIncomplete, { $0.facts.bootID = nil }), (.preflightIncomplete, { $0.facts.machineID = nil }),
            (.preflightIncomplete, { $0.strategy = nil }), (.strategyMismatch, { $0.strategy = .overlay }),
            (.storageNotMounted, { $0.facts.mounts = [] }),
            (.preflightIncomplete, { $0.gaps = [ProbeGap(probe: "drift", reason: .truncated)] }),
            (.hostBusy, { $0.facts.busy = ["apt-get holds /var/lib/dpkg/lock", "a backup is running (borg)"] }),
            (
                .storageNearlyFull,
                { $0.facts.storage = [StorageUse(mount: "/p", totalBytes: 1_000, availableBytes: 50)] }
            ), (.controllerItself, { $0.facts.bootID = elsewhere.bootID }),
            (.controllerItself, { $0.facts.machineID = elsewhere.machineID }),
        ]
        for (reason, change) in changes {
            var bad = good
            change(&bad)
            #expect(gate.objection(to: bad, declared: [], entries: [])?.reason == reason)
        }
        for verdict in [DeclaredFinding.Verdict.leaked, .missing, .wrongAttributes] {
            let end = gate.objection(to: good, declared: finding(verdict), entries: [])
            #expect(end?.reason == .persistenceNotInEffect)
        }
        #expect(gate.objection(to: good, declared: finding(.unknown), entries: [])?.reason == .preflightIncomplete)
        for entries in [drift(.leaked, .unknown), drift(.unexplained, .secret)] {
            #expect(gate.objection(to: good, declared: [], entries: entries)?.reason == .driftOverPolicy)
        }
    }

    @Test func `what is busy or nearly full may be rebooted where the inventory says so`() throws {
        var settings = try Fleet.host("h")
        settings.reboot.whileBusy = true
        settings.reboot.storageMax = 99
        let elsewhere = PreflightGate.Controller(bootID: nil, machineID: nil)
        let gate = PreflightGate(settings: settings, controller: elsewhere, acceptsLoss: false)
        var look = try observation()
        look.facts.busy = ["a backup is running (borg)"]
        look.facts.storage = [StorageUse(mount: "/p", totalBytes: .max, availableBytes: .max / 20)]
        #expect(gate.objection(to: look, declared: [], entries: []) == nil)
    }

    @Test func `what is stored speaks against a reboot, and what passes or is not known does not`() throws {
        let settings = try Fleet.host("h")
        let gate = PreflightGate(
            settings: settings, controller: PreflightGate.Controller(bootID: nil, machineID: nil), acceptsLoss: false)
        var facts = try observation().facts
        let strategy = try observation().strategy
        let entry = PersistenceEntry(path: "/x", mechanism: .bind)
        func reason(
            _ verdict: DeclaredFinding.Verdict = .inEffect, _ undecided: [CensusFinding] = [], lost: Bool = false
        ) -> AttemptReason? {
            var losses = Losses(settings: settings)
            if lost {
                losses.take(
                    DriftEntry(
                        change: PathChange(path: BytePath("/k"), change: .added, kind: .file), verdict: .unexplained,
                        stateClass: .secret, reason: "r"))
            }
            return gate.objection(
                toStored: facts, strategy: strategy,
                declared: [DeclaredFinding(entry: entry, verdict: verdict, reason: "r")], open: undecided,
                losses: losses)?.reason
        }
        facts.busy = ["a backup is running (borg)"]
        #expect(reason() == nil && reason(.unknown) == nil)
        #expect(reason(.leaked) == .persistenceNotInEffect)
        #expect(reason(.unknown, lost: true) == .driftOverPolicy)
        #expect(reason(.inEffect, [CensusFinding("/x", .unknown, "gone", isUndecided: true)]) == .contentUndecided)
        facts.machineID = nil
        #expect(reason() == nil && reason(lost: true) == .driftOverPolicy)
    }

    @Test func `a person may agree to a loss, not to an unknown host`() throws {
        let settings = try Fleet.host("h")
        let elsewhere = PreflightGate.Controller(bootID: nil, machineID: nil)
        let gate = PreflightGate(settings: settings, controller: elsewhere, acceptsLoss: true)
        let change = PathChange(path: BytePath("/y"), change: .added, kind: .file)
        let entry = DriftEntry(change: change, verdict: .leaked, stateClass: .precious, reason: "r")
        var observed = try observation()
        #expect(gate.objection(to: observed, declared: [], entries: [entry]) == nil)
        observed.gaps = [ProbeGap(probe: "mounts", reason: .failed)]
        #expect(gate.objection(to: observed, declared: [], entries: []) != nil)
    }

    private func loses(_ paths: [(String, StateClass, Int64)], acceptsLoss: Bool = false, limit: Int? = nil) throws
        -> AttemptEnd?
    {
        var settings = try Fleet.host("h")
        if let limit { settings.reboot.unknownLossMax = limit }
        let elsewhere = PreflightGate.Controller(bootID: nil, machineID: nil)
        let gate = PreflightGate(settings: settings, controller: elsewhere, acceptsLoss: acceptsLoss)
        let entries = paths.map { path, stateClass, size in
            DriftEntry(
                change: PathChange(path: BytePath(path), change: .added, kind: .file, size: size),
                verdict: .unexplained, stateClass: stateClass, reason: "r")
        }
        return gate.objection(to: try observation(), declared: [], entries: entries)
    }

    @Test func `content that nobody knows may go while it is little`() throws {
        let mib: Int64 = 1 << 20
        #expect(try loses([("/a", .unknown, mib)]) == nil)
        let much = try #require(try loses([("/a", .unknown, mib), ("/b", .unknown, 1)]))
        #expect(much.reason == .driftOverPolicy)
        #expect(much.message.contains("/a") && much.message.contains("/b") && much.message.contains("1048577 bytes"))
        #expect(try loses([("/a", .unknown, mib), ("/b", .unknown, 1)], acceptsLoss: true) == nil)
        #expect(try loses([("/a", .cache, 9 * mib), ("/b", .log, 9 * mib)]) == nil)
        #expect(try loses([("/a", .unknown, 0), ("/b", .unknown, 9)], limit: 8)?.reason == .driftOverPolicy)
        #expect(try loses([("/a", .unknown, .max), ("/b", .unknown, .max)]) != nil)
    }

    @Test func `a new directory is no loss by itself, what is in it is`() throws {
        let settings = HostSettings(
            host: try HostName("a"), connection: ConnectionSettings(host: try HostName("a"), address: "a"))
        var losses = Losses(settings: settings)
        func take(_ path: String, _ kind: FileKind, _ change: PathChange.Kind) {
            losses.take(
                DriftEntry(
                    change: PathChange(
                        path: BytePath(path), change: change, kind: kind, size: 1, mode: 0o755, uid: 0, gid: 0,
                        linkTarget: nil), verdict: .unexplained, stateClass: .precious, reason: "", suggestion: nil))
        }
        take("/srv/data", .directory, .added)
        #expect(!losses.needConsent)
        take("/srv/data/file", .file, .added)
        #expect(losses.needConsent && losses.text == "/srv/data/file (precious)")
        take("/srv", .directory, .modified)
        #expect(losses.text.contains("/srv (precious)"))
    }

    @Test func `what would go is listed, ten paths and how many more`() throws {
        let end = try #require(try loses((10..<23).map { ("/keys/\($0)", .secret, 1) }))
        for number in 10..<20 { #expect(end.message.contains("/keys/\(number) (secret)")) }
        #expect(!end.message.contains("/keys/20"))
        #expect(end.message.contains("and 3 more"))
        #expect(end.message.contains("--accept-loss"))
    }
}
