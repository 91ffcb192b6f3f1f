import EbbClassifier
import EbbTestSupport
import Foundation
import Testing

@testable import EbbModel

@Suite struct ClassifierTests {
    static let now = Date(timeIntervalSince1970: 1_795_392_000)  // 2026-11-23

    func change(
        _ path: String, _ change: PathChange.Kind = .added, _ kind: FileKind = .file, size: Int64? = 1,
        mode: UInt16? = 0o644, target: String? = nil
    ) -> PathChange {
        PathChange(
            path: BytePath(path), change: change, kind: kind, size: size, mode: mode, uid: 0, gid: 0,
            linkTarget: target.map { BytePath($0) })
    }

    func mount(_ point: String, _ type: String = "btrfs") -> Mount {
        Mount(
            device: "0:1", root: BytePath("/"), mountPoint: BytePath(point), options: "rw", fileSystem: type,
            source: "x", superOptions: "rw")
    }

    func finding(_ path: String, _ mechanism: Mechanism, _ verdict: DeclaredFinding.Verdict = .inEffect)
        -> DeclaredFinding
    {
        DeclaredFinding(
            entry: PersistenceEntry(path: path, mechanism: mechanism, target: "/persist" + path, stateClass: .precious),
            verdict: verdict, reason: "because")
    }

    func judgement(
        findings: [DeclaredFinding] = [], mounts: [String] = [], accept: [Acceptance] = [], regenerated: [String] = [],
        reset: [String] = []
    ) throws -> Judgement {
        let name = try HostName("h")
        var settings = HostSettings(host: name, connection: ConnectionSettings(host: name, address: "h"))
        settings.accept = accept
        settings.persist = [PersistentStorage(mount: "/persist")]
        return Judgement(
            settings: settings, findings: findings, mounts: (["/"] + mounts).map { mount($0) },
            regenerated: Set(regenerated.map { BytePath($0) }), reset: Set(reset.map { BytePath($0) }), now: Self.now)
    }

    func verdict(_ change: PathChange, _ judgement: Judgement) -> PathVerdict? {
        Classifier.classify([change], judgement).first?.verdict
    }

    @Test func `the chain gives each path the first verdict that holds`() throws {
        let all = try judgement(
            findings: [
                finding("/var/lib/app", .bind), finding("/etc/app.conf", .symlink),
                finding("/var/lib/stale", .bind, .leaked), finding("/etc/gone", .symlink, .missing),
                finding("/srv/cfg", .config),
            ], mounts: ["/var/lib/app", "/mnt/disk"],
            accept: [
                Acceptance(path: "/opt/scratch/**", reason: "r", by: "ops", until: "2026-11-23"),
                Acceptance(path: "/opt/late", reason: "r", by: "ops", until: "2026-11-22"),
            ], regenerated: ["/etc/made"], reset: ["/etc/reset"])
        let expected: [(PathChange, PathVerdict)] = [
            (change("/var/lib/app", .added, .directory), .persisted), (change("/var/lib/app/early"), .leaked),
            (change("/mnt/disk", .added, .directory), .managed), (change("/mnt/disk/hidden"), .unexplained),
            (change("/mnt", .added, .directory), .managed),
            (change("/etc/app.conf", .added, .symlink, target: "/persist/etc/app.conf"), .persisted),
            (change("/var/lib/stale/data"), .leaked), (change("/etc/gone"), .leaked),
            (change("/srv", .added, .directory), .managed), (change("/srv/cfg"), .unexplained),
            (change("/etc/passwd", .added, .symlink, target: "/etc/static/passwd"), .managed),
            (change("/etc/made"), .regenerated), (change("/etc/reset"), .unexplained),
            (change("/var/cache/apt/x"), .noise), (change("/opt/scratch"), .accepted),
            (change("/opt/scratch/a/b"), .accepted), (change("/opt/late"), .unexplained),
            (change("/root/notes"), .unexplained), (change("/root/old", .removed), .unexplained),
        ]
        for (change, wanted) in expected { #expect(verdict(change, all) == wanted, "\(change.path)") }
    }

    @Test func `the original of an adopted path is no loss while it is as it was, and the copy is in effect`() throws {
        for verdict in [DeclaredFinding.Verdict.inEffect, .wrongAttributes, .readOnly, .leaked, .missing, .unknown] {
            var known = try judgement(
                findings: [finding("/var/lib/app", .bind, verdict), finding("/etc/app", .symlink, verdict)],
                mounts: ["/var/lib/app"])
            let paths = ["/var/lib/app/sub", "/etc/app.ebb-original", "/etc/app.ebb-original/key"]
            for path in paths { #expect(self.verdict(change(path), known) == .leaked, "\(path) \(verdict)") }
            known.originals = [BytePath("/var/lib/app"), BytePath("/etc/app")]
            let isKept = [.inEffect, .wrongAttributes, .readOnly].contains(verdict)
            for path in paths {
                #expect(self.verdict(change(path), known) == (isKept ? .persisted : .leaked), "\(path) \(verdict)")
            }
            #expect(self.verdict(change("/etc/app.ebb-originals"), known) == .unexplained)
        }
        // A file beneath the mount of a declared file is not what is mounted.
        var file = try judgement(findings: [finding("/etc/one", .bind)], mounts: ["/etc/one"])
        #expect(verdict(change("/etc/one", size: 26), file) == .leaked)
        #expect(verdict(change("/etc/one", .modified, size: nil), file) == .leaked)
        #expect(verdict(change("/etc/one", size: 0), file) == .persisted)
        file.originals = [BytePath("/etc/one")]
        #expect(verdict(change("/etc/one", size: 26), file) == .persisted)
        #expect(verdict(change("/etc/one", .removed), file) == .persisted)
        let undeclared = try judgement(mounts: ["/etc/two"])
        #expect(verdict(change("/etc/two", size: 26), undeclared) == .unexplained)
        #expect(verdict(change("/etc/two", size: 0), undeclared) == .managed)
    }

    @Test func `every verdict has a reason, and what is at risk has advice`() throws {
        let entries = Classifier.classify(
            [
                change("/etc/wireguard/wg0.conf"), change("/opt/late"), change("/root/app.sqlite"),
                change("/root/gone", .removed), change("/x/secret-token"), change("/y", mode: 0o600),
            ], try judgement(accept: [Acceptance(path: "/opt/late", reason: "r", by: "o", until: "2026-01-01")]))
        for entry in entries { #expect(!entry.reason.isEmpty && entry.suggestion?.isEmpty == false) }
        #expect(entries.map(\.stateClass) == [.secret, .config, .precious, .unknown, .secret, .secret])
        #expect(entries.first?.suggestion == "keep /etc/wireguard: mechanism bind, preset wireguard")
        #expect(entries[1].reason.contains("expired on 2026-01-01"))
        #expect(entries[2].suggestion?.contains("directory /root") == true)
    }

    @Test func `verdicts do not depend on the order of the stream`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededRandom(seed: seed)
        let judgement = try judgement(
            findings: [finding("/var/lib/app", .bind)], mounts: ["/var/lib/app", "/tmp"],
            accept: [Acceptance(path: "/home/*/Downloads", reason: "r", by: "o")])
        let names = ["var", "lib", "app", "cache", "tmp", "home", "a", "Downloads", "etc", "ssh"]
        var changes = (0..<500).map { _ in
            change(
                "/"
                    + (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                        names.randomElement(using: &generator) ?? ""
                    }.joined(separator: "/"))
        }
        changes.sort { $0.path < $1.path }
        let sorted = Classifier.classify(changes, judgement)
        let shuffled = changes.shuffled(using: &generator)
        let again = Classifier.classify(shuffled, judgement)
        let verdicts = Dictionary(sorted.map { ($0.change.path, $0.verdict) }, uniquingKeysWith: { first, _ in first })
        for entry in again { #expect(entry.verdict == verdicts[entry.change.path], "seed \(seed)") }
    }

    @Test func `a private key among installed programs is a secret`() throws {
        let entries = Classifier.classify(
            [
                PathChange(path: BytePath("/opt/app/server.key"), change: .added, kind: .file, mode: 0o600),
                PathChange(path: BytePath("/opt/app/state"), change: .added, kind: .file, mode: 0o600),
                PathChange(path: BytePath("/opt/app/token.py"), change: .added, kind: .file, mode: 0o644),
            ], try judgement())
        #expect(entries.map(\.stateClass) == [.secret, .config, .config])
    }

    @Test func `folding keeps counts and sizes and shows the shallowest new directory`() throws {
        let changes = [
            change("/etc/a", .modified, size: 5), change("/opt/new", .added, .directory, size: nil),
            change("/opt/new/one", size: 10), change("/opt/new/sub", .added, .directory, size: nil),
            change("/opt/new/sub/id_rsa", size: 30), change("/opt/new-old", size: 7),
        ].sorted { $0.path < $1.path }
        var folding = Folding()
        for entry in Classifier.classify(changes, try judgement()) { folding.add(entry) }
        let folded = folding.folded
        #expect(folded.map(\.entry.change.path.printable) == ["/etc/a", "/opt/new", "/opt/new-old"])
        #expect(folded.map(\.entryCount) == [1, 4, 1])
        #expect(folded.map(\.size) == [5, 40, 7])
        #expect(folded.map(\.entryCount).reduce(0, +) == changes.count)
        #expect(folded[1].entry.suggestion != nil)
    }

    @Test func `the day of a judgement is the day in UTC`() throws {
        #expect(try judgement().today == CalendarDate("2026-11-23"))
    }
}
