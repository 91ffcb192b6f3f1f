import EbbTestSupport
import Foundation
import Testing

@testable import EbbModel
@testable import EbbProbe

/// Facts and declared paths, asked from this machine itself.
@Suite(.blocking) struct ObservationTests {
    func observe(_ entries: [PersistenceEntry], persist: [String]) throws -> Observation {
        let name = try HostName("here")
        var settings = HostSettings(host: name, connection: ConnectionSettings(host: name, address: "here"))
        settings.persist = persist.map { PersistentStorage(mount: $0) }
        let script = ObservationScript(settings: settings, declared: entries, includingDrift: false)
        let run = try RealShell.run(script.bytes)
        var parser = ObservationParser(script)
        parser.feed(run.output)
        return parser.finish(observedAt: Date(timeIntervalSince1970: 0))
    }

    @Test func `a host tells who it is, what is mounted and how full its storage is`() throws {
        let observation = try observe([], persist: ["/"])
        #expect(observation.gaps == [])
        let facts = observation.facts
        let bootID = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        #expect(facts.bootID == BootID(bootID))
        #expect(facts.mounts.contains { $0.mountPoint == BytePath("/") })
        #expect(facts.kernel?.isEmpty == false && facts.system?.isEmpty == false)
        #expect((facts.uptime ?? 0) > 0 && facts.clock != nil)
        #expect(facts.storage.map(\.mount) == ["/"])
        #expect((facts.storage.first?.totalBytes ?? 0) > 0)
        #expect(facts.rootIdentity?.isEmpty == false)
    }

    @Test func `declared paths with odd names are told apart from their targets`() throws {
        let base = try FileManager.default.url(
            for: .itemReplacementDirectory, in: .userDomainMask, appropriateFor: URL(fileURLWithPath: "/tmp"),
            create: true
        ).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let odd = base + "/it's a 'name'\n with $(everything)`\\\n"
        let target = base + "/kept\n"
        try Data("identity".utf8).write(to: URL(fileURLWithPath: target))
        symlink(target, odd)
        let entries = [
            PersistenceEntry(path: odd, mechanism: .symlink, target: target, stateClass: .identity),
            PersistenceEntry(path: base + "/missing/deep", mechanism: .bind, target: base + "/no"),
        ]
        let observation = try observe(entries, persist: [])
        #expect(observation.gaps == [])
        let state = try #require(observation.declared[odd])
        #expect(state.path?.kind == .symlink && state.target?.kind == .file)
        #expect(state.linkTarget == BytePath(target))
        #expect(state.target?.size == 8 && state.path?.identity != state.target?.identity)
        #expect(state.pathMount != nil && state.pathMount == state.targetMount)
        #expect(state.digest == "689f6a627384c7dcb2dcc1487e540223e77bdf9dcd0d8be8a326eda65b0ce9a4")
        let missing = try #require(observation.declared[base + "/missing/deep"])
        #expect(missing.path == nil && missing.target == nil)
    }

    @Test func `a mount table is read as the kernel wrote it, escapes and covers included`() throws {
        let text = """
            22 1 0:20 / / rw - ext4 /dev/vda rw
            30 22 0:21 / /mnt/with\\040space\\011tab\\134 rw,relatime shared:1 master:2 - tmpfs a\\040b rw,size=1k
            31 22 0:30 /sub//deleted /data rw - btrfs /dev/vdb rw,subvol=/x
            40 22 0:40 / / rw - overlay overlayroot rw,lowerdir=/l,upperdir=/u

            """
        let table = try #require(MountTable(mountinfo: Array(text.utf8)))
        #expect(table.root?.fileSystem == "overlay")
        #expect(table.mounts[1].mountPoint == BytePath("/mnt/with space\ttab\\"))
        #expect(table.mounts[1].source == "a b")
        #expect(table.holder(of: BytePath("/data/x"))?.root == BytePath("/sub//deleted"))
        #expect(table.holder(of: BytePath("/database"))?.fileSystem == "overlay")
        #expect(MountTable(mountinfo: Array("not a table\n".utf8)) == nil)
    }
}
