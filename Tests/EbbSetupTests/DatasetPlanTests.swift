import EbbProbe
import EbbSetup
import Foundation
import Subprocess
import Testing

@testable import EbbModel

@Suite struct DatasetPlanTests {
    static func fixture(_ name: String) throws -> ZFSState {
        let path = try #require(Bundle.module.path(forResource: name, ofType: "txt", inDirectory: "Fixtures"))
        return try ZFSState(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    static func settings() throws -> HostSettings {
        let host = try HostName("db")
        return HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "db"),
            root: RootSettings(strategy: .zfs, dataset: "tank/local/root", blank: "blank"),
            persist: [PersistentStorage(mount: "/persist", dataset: "tank/safe/persist")],
            datasets: [
                DatasetSettings(
                    name: "tank/local/root", backup: false, blank: "blank",
                    properties: ["mountpoint": "legacy", "recordsize": "16K"]),
                DatasetSettings(name: "tank/safe/persist", backup: true, properties: ["mountpoint": "legacy"]),
                DatasetSettings(
                    name: "tank/safe/db", backup: true,
                    properties: ["mountpoint": "legacy", "recordsize": "16K", "casesensitivity": "insensitive"]),
                DatasetSettings(name: "tank/cased", backup: false, properties: ["casesensitivity": "insensitive"]),
                DatasetSettings(name: "tank/kept", backup: false, properties: ["mountpoint": "/elsewhere"]),
                DatasetSettings(name: "tank/vol", backup: false), DatasetSettings(name: "pond/root", backup: false),
                DatasetSettings(name: "tank/a b", backup: false),
            ])
    }

    static let now = Date(timeIntervalSince1970: 1_795_396_400)

    @Test func `a plan says for each dataset what is made, set, left or refused, and why`() throws {
        let plan = ZFSPlanner(settings: try Self.settings(), state: try Self.fixture("zfs-before"), now: Self.now)
            .plan()
        #expect(
            plan.text == """
                pond/root              refused   the host has no pool pond; Ebb makes none
                tank/a b               refused   it is not a dataset's name
                tank/cased             nothing
                tank/kept              refused   it is mounted, and a new mountpoint would unmount \
                living data: set it while it is not mounted
                tank/local/root        set       com.sun:auto-snapshot: - → false, \
                mountpoint: none → legacy, recordsize: 131072 → 16K
                tank/local/root@blank  snapshot
                                       it will hold the 24576 bytes that tank/local/root has then
                tank/safe              create    canmount=off, mountpoint=none
                                       a parent, never mounted
                tank/safe/db           create    casesensitivity=insensitive, mountpoint=legacy, \
                recordsize=16K
                tank/safe/persist      create    mountpoint=legacy
                tank/vol               refused   it exists and is a volume
                note: tank/cased: casesensitivity is sensitive and can only be insensitive on a \
                dataset made anew; it is left as it is

                """)
        #expect(
            plan.commands == [
                RemoteCommand(
                    "zfs", "set", "com.sun:auto-snapshot=false", "mountpoint=legacy", "recordsize=16K",
                    "tank/local/root"), RemoteCommand("zfs", "snapshot", "tank/local/root@blank"),
                RemoteCommand("zfs", "create", "-u", "-o", "canmount=off", "-o", "mountpoint=none", "tank/safe"),
                RemoteCommand(
                    "zfs", "create", "-u", "-o", "casesensitivity=insensitive", "-o", "mountpoint=legacy", "-o",
                    "recordsize=16K", "tank/safe/db"),
                RemoteCommand("zfs", "create", "-u", "-o", "mountpoint=legacy", "tank/safe/persist"),
            ])
    }

    @Test func `after its commands ran on a real pool, a plan has nothing left to do`() throws {
        var settings = try Self.settings()
        settings.datasets.removeAll { ["pond/root", "tank/a b", "tank/kept", "tank/vol"].contains($0.name) }
        let before = ZFSPlanner(settings: settings, state: try Self.fixture("zfs-before"), now: Self.now)
        #expect(!before.plan().isSettled && !before.plan().hasRefusals)
        let after = ZFSPlanner(settings: settings, state: try Self.fixture("zfs-after"), now: Self.now)
        #expect(after.plan().isSettled)
        #expect(after.plan().commands.isEmpty)
        #expect(after.identity(of: "tank/local/root@blank")?.guid == "5182283272308061458")
    }

    @Test func `what would make a rollback fail, or go back to something else, is found`() throws {
        var settings = try Self.settings()
        settings.compliance.safeSnapshotMaxAge = 3_600
        settings.persist = [PersistentStorage(mount: "/persist", dataset: "tank/local/root/persist")]
        let plan = ZFSPlanner(
            settings: settings, state: try Self.fixture("zfs-blocked"),
            recorded: ["tank/local/root@blank": BlankIdentity(guid: "1", createdAt: 27)], now: Self.now
        ).plan()
        let found = plan.findings.map { "\($0.code.rawValue) \($0.name)" }
        #expect(
            found == [
                "one-time-property tank/cased", "similar-name tank/local/root@blank",
                "blank-changed tank/local/root@blank", "blank-blocked tank/local/root@blank",
                "blank-blocked tank/local/root@blank", "newer-snapshots tank/local/root@blank",
                "safe-below-ephemeral tank/local/root/persist", "snapshot-too-old tank/safe/persist",
            ])
        #expect(plan.findings.filter(\.blocksErasing).count == 5)

        let missing = ZFSPlanner(
            settings: settings, state: try Self.fixture("zfs-before"),
            recorded: ["tank/local/root@blank": BlankIdentity(guid: "1", createdAt: 27)], now: Self.now
        ).plan()
        #expect(missing.findings.contains { $0.code == .blankMissing })
        #expect(!missing.items.contains { $0.decision == .snapshot })
    }

    @Test func `an answer cut in the middle of a row is no answer`() throws {
        #expect(throws: ProbeGap.self) { try ZFSState(parsing: Array("a\ttype\tfile".utf8)) }
        #expect(throws: ProbeGap.self) { try BtrfsState(parsing: Array("ID 256 gen 1".utf8)) }
    }

    @Test func `a top level that is not mounted yet is mounted before anything is made`() throws {
        let state = try BtrfsState(
            parsing: Array(
                ("/dev/vda1\0" + "ID 256 gen 9 cgen 7 top level 5 parent_uuid - uuid 1f-a path <FS_TREE>/@rootfs"
                    + "\u{0}256\0@rootfs\0ro=false\0").utf8))
        let host = try HostName("h")
        var settings = HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "h"),
            root: RootSettings(strategy: .btrfs, blank: "@blank", top: "/btrfs-top", subvolume: "@rootfs"),
            datasets: [DatasetSettings(name: "@persist", backup: true)])
        let plan = BtrfsPlanner(settings: settings, state: state).plan()
        #expect(
            plan.text == """
                /btrfs-top  mount     /dev/vda1
                @persist    create    \("")

                """)
        #expect(
            plan.commands.map(\.shellLine) == [
                "mkdir -p -- /btrfs-top", "mount -t btrfs -o 'subvolid=5' /dev/vda1 /btrfs-top",
                "btrfs subvolume create /btrfs-top/@persist",
            ])
        settings.datasets = [DatasetSettings(name: "@rootfs", backup: false)]
        let second = BtrfsPlanner(settings: settings, state: state).plan()
        #expect(second.isSettled && second.commands.isEmpty)
    }

    @Test func `subvolumes and their blank are made once, on a real btrfs`() async throws {
        let place = "/tmp/ebb-btrfs-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        let host = try HostName("h")
        var settings = HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "h"),
            root: RootSettings(strategy: .btrfs, blank: "blanks/root", top: "\(place)/top", subvolume: "root"),
            datasets: [
                DatasetSettings(name: "root", backup: false, blank: "blanks/root"),
                DatasetSettings(name: "keep/persist", backup: true),
                DatasetSettings(name: "bad", backup: false, properties: ["compression": "zstd"]),
                DatasetSettings(name: "../up", backup: false),
            ])
        let nonce = ProbeNonce.random()
        let empty = ProbeScript(nonce: nonce, probes: [BtrfsState.probe(top: "\(place)/top")])

        /// Mounts, runs the script and asks again: two answers, the first before it ran.
        func ask(_ first: String, _ apply: DatasetPlan?) async throws -> [UInt8] {
            var text = Array(
                """
                mkdir -p \(place)/top && cd \(place) || exit 1
                [ -e img ] || { truncate -s 128M img && mkfs.btrfs -q img >/dev/null 2>&1; }
                mount -o loop img top && mkdir -p top/blanks
                \(first)

                """.utf8)
            if let apply {
                let script = ProbeScript(nonce: nonce, probes: [apply.probe])
                try Data(script.bytes).write(to: URL(fileURLWithPath: "\(place)/apply"))
                text += Array("sh -s <\(place)/apply >\(place)/applied\n".utf8)
            }
            text += Array("sh -s <<'ASK'\n".utf8) + empty.bytes + Array("ASK\n".utf8)
            let result = try await Subprocess.run(
                .name("unshare"), arguments: ["-m", "sh", "-c", String(decoding: text, as: UTF8.self)],
                output: .bytes(limit: 1 << 20), error: .string(limit: 4096))
            return try ProbeReport(parsing: result.standardOutput, nonce: nonce).output(of: BtrfsState.probeName)
        }
        let before = try BtrfsState(parsing: try await ask("btrfs -q subvolume create top/root", nil))
        let plan = BtrfsPlanner(settings: settings, state: before).plan()
        #expect(
            plan.text == """
                ../up         refused   it is no path below the top level, or twice
                bad           refused   btrfs subvolumes have no such properties: set mount options
                keep/persist  create    \("")
                root          nothing
                blanks/root   snapshot
                              it will hold all that root has then

                """)
        let after = try BtrfsState(parsing: try await ask(":", plan))
        settings.datasets.removeLast(2)
        let second = BtrfsPlanner(settings: settings, state: after).plan()
        #expect(second.isSettled, "\(second.text)")
        let made = try #require(BtrfsPlanner(settings: settings, state: after).identity(of: "blanks/root"))
        let other = BtrfsPlanner(
            settings: settings, state: after,
            recorded: ["blanks/root": BlankIdentity(guid: "x", createdAt: made.createdAt)])
        #expect(other.plan().findings.map(\.code) == [.blankChanged])
    }
}
