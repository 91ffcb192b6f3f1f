import EbbStore
import EbbTestSupport
import FoundationEssentials
import Logging
import Testing

@testable import EbbDashboard
@testable import EbbModel

/// A small fleet with something of everything, and with hosts that do not wish us well.
struct SampleFleet {
    static let now = SampleSiteTests.directory == nil ? Date(timeIntervalSince1970: 1_795_400_000) : Date()

    /// What a hostile host may say, whatever it is asked.
    static let hostile = [
        "<script>alert(1)</script>", "=cmd()|' /C calc'!A0", "\"; DROP TABLE host", "\u{1B}[2Jgone", "new\nline",
        "\u{202E}txt.exe", String(repeating: "a", count: 10_000), "' onmouseover='alert(1)",
    ]

    /// What it may call its files.
    static let hostilePaths = hostile.map { "/root/" + $0 }

    let store: Store
    let hosts: [HostSettings]

    static func time(daysAgo days: Double) -> Date { now.addingTimeInterval(-days * 86_400) }

    /// Fills a store; in memory where no path is given.
    init(path: String? = nil) async throws {
        store = try path.map { try Store.open($0) } ?? Store.inMemory()
        var hosts: [HostSettings] = []
        for name in ["web1", "web2", "web3"] {
            hosts.append(try Self.settings(name, ["web"], .btrfs))
            try await Self.look(store, name, daysAgo: 0.1, strategy: .btrfs)
            try await Self.boot(store, name, 1, daysAgo: 6, proven: true)
        }
        hosts.append(try Self.settings("builder1", ["build_farm"], .zfs))
        for day in stride(from: 20.0, through: 0.2, by: -1.1) {
            let count = Int(20 - day) / 3
            try await Self.look(
                store, "builder1", daysAgo: day, strategy: .zfs,
                paths: (0...count).map { "/var/lib/hydra/build-\($0).log" },
                leaked: day < 5 ? ["/etc/ssh/ssh_host_ed25519_key"] : [])
        }
        try await Self.boot(store, "builder1", 2, daysAgo: 3, proven: false)
        try await Self.boot(store, "builder1", 1, daysAgo: 40, proven: true)
        hosts.append(try Self.settings("evil.example", ["guests", Self.hostile[0]], .tmpfs))
        try await Self.look(
            store, "evil.example", daysAgo: 9, strategy: .tmpfs, paths: Self.hostilePaths,
            declared: Self.hostile.map { text in
                DeclaredFinding(
                    entry: PersistenceEntry(path: "/var/lib/" + text, mechanism: .bind), verdict: .missing, reason: text
                )
            }, kernel: Self.hostile.joined())
        try await Self.boot(store, "evil.example", 3, daysAgo: 9, proven: false)
        hosts.append(try Self.settings("pi1", ["edge"], .overlay))
        try await Self.look(store, "pi1", daysAgo: 0.3, strategy: nil, isReachable: false)
        hosts.append(try Self.settings("db1", ["db"], .zfs))
        try await Self.look(
            store, "db1", daysAgo: 0.1, strategy: .zfs,
            declared: [("/etc/machine-id", Mechanism.symlink), ("/var/lib/pg", .bind)].map { path, mechanism in
                DeclaredFinding(
                    entry: PersistenceEntry(path: path, mechanism: mechanism), verdict: .inEffect,
                    reason: "/persist\(path) is reached through the path")
            })
        try await Self.boot(store, "db1", 1, daysAgo: 12, proven: true)
        hosts.append(try Self.settings("new1", ["edge"], .btrfs))
        self.hosts = hosts
        try await Self.rollouts(store)
        _ = try await store.record(
            ScheduleSlot(
                schedule: Self.hostile.prefix(6).joined(separator: " "), opensAt: Self.time(daysAgo: 2), state: .missed,
                recordedAt: Self.time(daysAgo: 1)))
        try await store.setStopFlag(
            StopFlag(
                scope: .group("edge"), reason: "antenna works <b>until Friday</b>", author: "kim",
                setAt: Self.time(daysAgo: 1), expiresAt: Self.time(daysAgo: -2)))
    }

    /// The site over this fleet.
    func site(_ access: Access = .anybody(knownAs: ["localhost"])) -> Site {
        let reader = FleetReader(store: store, fleet: hosts, limits: .init(patience: 0), now: { Self.now })
        return Site(reader: reader, access: access, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func settings(_ name: String, _ groups: [String], _ strategy: Strategy) throws -> HostSettings {
        let host = try HostName(name)
        let window = WindowSettings(
            recurrence: try Recurrence("FREQ=WEEKLY;BYDAY=SU"), start: try #require(TimeOfDay("02:00")),
            duration: 14_400, timezone: "Europe/Berlin")
        return HostSettings(
            host: host, groups: groups, connection: ConnectionSettings(host: host, address: "192.0.2.1"),
            root: RootSettings(strategy: strategy), reboot: RebootSettings(windows: name == "new1" ? [] : [window]),
            compliance: CompliancePolicy(
                waivers: name != "evil.example"
                    ? []
                    : hostile.map { text in Waiver(control: .provenBoot, reason: text, by: text, until: "2099-12-31") })
        )
    }

    private static func boot(_ store: Store, _ name: String, _ number: Int, daysAgo: Double, proven: Bool) async throws
    {
        let id = try boot(number)
        try await store.recordCanaries(host: try HostName(name), boot: id, [], at: time(daysAgo: daysAgo))
        try await store.recordBootVerdict(
            host: try HostName(name), id,
            BootVerdict(
                erasure: proven ? .erased : .notErased, retention: proven ? .kept : .unknown,
                reasons: [proven ? "the negative canary is gone" : "the negative canary /root/.ebb <survived> the boot"]
                    + (proven ? [] : hostile)), at: time(daysAgo: daysAgo - 0.01))
    }

    static func boot(_ number: Int) throws -> BootID {
        try #require(BootID("11111111-2222-4333-8444-00000000000\(number)"))
    }

    private static func look(
        _ store: Store, _ name: String, daysAgo: Double, strategy: Strategy?, paths: [String] = [],
        leaked: [String] = [], declared: [DeclaredFinding] = [], kernel: String = "6.1.0-40-amd64",
        isReachable: Bool = true
    ) async throws {
        let host = try HostName(name)
        let at = time(daysAgo: daysAgo)
        let id = try await store.recordEvidence(
            host: host, at: at, parts: [EvidencePart(name: "drift", bytes: Array(name.utf8))], toolVersion: "0.1.0")
        let gaps = isReachable ? [] : hostile.map { ProbeGap(probe: "connect", reason: .unreachable, message: $0) }
        try await store.recordObservation(
            id,
            Observation(host: host, observedAt: at, facts: HostFacts(kernel: kernel), strategy: strategy, gaps: gaps))
        guard isReachable else { return }
        let entries = (leaked.map { ($0, PathVerdict.leaked) } + paths.map { ($0, .unexplained) }).map {
            path, verdict in
            DriftEntry(
                change: PathChange(path: BytePath(path), change: .added, kind: .file, size: 18_234), verdict: verdict,
                stateClass: .unknown,
                reason: verdict == .leaked
                    ? "declared, but the file is on the ephemeral root" : "nobody has accounted for it",
                suggestion: hostilePaths.contains(path) ? path : "ebb persistence adopt \(name) PATH")
        }
        try await store.recordDrift(id, entries: entries.inStoreOrder, declared: declared)
    }

    private static func rollouts(_ store: Store) async throws {
        let controller = ControllerIdentity(
            hostname: "desk<script>alert(1)</script>\u{1B}[2J", pid: 7, startedAt: time(daysAgo: 1), bootID: nil)
        let names = try ["db1", "web1", "web2", "web3"].map { try HostName($0) }
        let id = try await store.beginRollout(
            pattern: "web:db:!\"><script>alert(2)</script>", plan: "{}", planHash: "abc123", controller: controller,
            hosts: names.enumerated().map { RolloutHost(host: $1, wave: $0 == 0 ? 0 : 1) }, at: time(daysAgo: 0.02))
        let attempts = try await store.attempts(of: id)
        for (attempt, end) in zip(attempts, [AttemptState.inconclusive, .proven, .sent]) {
            try await advance(store, attempt, to: end)
        }
    }

    private static func advance(_ store: Store, _ attempt: StoredAttempt, to end: AttemptState) async throws {
        let at = time(daysAgo: 0.01)
        let path: [AttemptState] = [.preflight, .canaries, .intent, .sent]
        for state in path {
            try await store.advance(
                attempt.id, to: state, at: at,
                AttemptChange(bootIDBefore: try boot(1), deadline: at.addingTimeInterval(600)))
        }
        switch end {
        case .inconclusive:
            try await store.advance(
                attempt.id, to: .inconclusive, at: at,
                AttemptChange(reason: "never-back: <img src=x onerror=alert(3)>\n\u{202E}"))
        case .proven:
            let change = AttemptChange(
                bootIDAfter: try boot(7),
                verdict: BootVerdict(erasure: .erased, retention: .kept, reasons: ["all well"]))
            try await store.advance(attempt.id, to: .booted, at: at, change)
            try await store.advance(attempt.id, to: .proven, at: at, change)
        default: break
        }
    }
}
