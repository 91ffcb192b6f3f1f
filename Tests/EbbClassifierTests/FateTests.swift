import EbbClassifier
import Testing

@testable import EbbModel

/// What the next boot makes of what lies on a mount.
@Suite struct FateTests {
    private func mount(
        _ point: String, _ type: String = "ext4", device: String = "8:1", root: String = "/", options: String = "rw",
        supers: String = "rw"
    ) -> Mount {
        Mount(
            device: device, root: BytePath(root), mountPoint: BytePath(point), options: options, fileSystem: type,
            source: "/dev/x", superOptions: supers)
    }

    private var root: Mount { mount("/", "btrfs", device: "0:41", root: "/host/root") }

    private func fate(_ point: String, _ mounts: [Mount], erases: [String] = []) -> String {
        var settings = RootSettings(strategy: .btrfs)
        settings.erases = erases
        return switch Fate.ofMount(at: BytePath(point), mounts: [root] + mounts, root: settings) {
        case .survives: "survives"
        case .readOnly: "read-only"
        case .lost: "lost"
        case .unknown: "unknown"
        }
    }

    @Test func `a file system of its own survives`() {
        #expect(fate("/persist", [mount("/persist")]) == "survives")
        #expect(fate("/persist", [mount("/persist", "btrfs", device: "0:41", root: "/host/persist")]) == "survives")
        #expect(fate("/persist", [mount("/persist", "zfs", device: "0:50")]) == "survives")
    }

    @Test func `memory, the root and what is erased does not`() {
        #expect(fate("/persist", [mount("/persist", "tmpfs", device: "0:9")]) == "lost")
        #expect(fate("/", []) == "lost")
        #expect(fate("/persist", [mount("/persist", "btrfs", device: "0:41", root: "/host/root/some")]) == "lost")
        #expect(fate("/scratch", [mount("/scratch")], erases: ["/scratch"]) == "lost")
        // `root2` is a neighbour, not a part.
        #expect(fate("/persist", [mount("/persist", "btrfs", device: "0:41", root: "/host/root2")]) == "survives")
    }

    @Test func `an overlay is what its upper layer is`() {
        let upper = "rw,lowerdir=/persist,upperdir=/media/root-rw/up,workdir=/media/root-rw/work"
        let overlay = mount("/persist", "overlay", device: "0:60", supers: upper)
        #expect(fate("/persist", [mount("/media/root-rw", "tmpfs", device: "0:9"), overlay]) == "lost")
        #expect(fate("/persist", [mount("/media/root-rw"), overlay]) == "survives")
        #expect(fate("/persist", [overlay]) == "unknown")
        #expect(
            fate("/persist", [mount("/persist", "overlay", device: "0:60", supers: "ro,lowerdir=/a:/b")]) == "read-only"
        )
    }

    @Test func `what cannot be written to is said`() {
        #expect(fate("/persist", [mount("/persist", options: "ro,relatime")]) == "read-only")
        #expect(fate("/persist", [mount("/persist", supers: "ro,errors=remount-ro")]) == "read-only")
        #expect(fate("/persist", [mount("/persist", "autofs", device: "0:30")]) == "unknown")
        #expect(fate("/persist", []) == "unknown")
    }

    private func finding(_ entry: PersistenceEntry, _ state: DeclaredState, _ mounts: [Mount], erases: [String] = [])
        throws -> DeclaredFinding
    {
        let host = try HostName("h")
        var root = RootSettings(strategy: .btrfs)
        root.erases = erases
        let settings = HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "h"), root: root,
            persist: [PersistentStorage(mount: "/persist")])
        return DeclaredJudge(settings: settings, mounts: [self.root] + mounts).findings(
            [entry], states: [entry.path: state])[0]
    }

    private func node(_ kind: FileKind = .directory) -> DeclaredState.Node {
        DeclaredState.Node(
            kind: kind, identity: "1:2", owner: "root", uid: 0, group: "root", gid: 0, mode: 0o755, size: 0)
    }

    @Test func `what is mounted inside a declared directory takes its writes`() throws {
        var state = DeclaredState()
        (state.path, state.target) = (node(), node())
        (state.pathMount, state.targetMount) = (BytePath("/var/lib/db"), BytePath("/persist"))
        let entry = PersistenceEntry(path: "/var/lib/db", mechanism: .bind, target: "/persist/var/lib/db")
        let bind = mount("/var/lib/db", root: "/var/lib/db")
        #expect(try finding(entry, state, [mount("/persist"), bind]).verdict == .inEffect)
        let memory = mount("/var/lib/db/wal", "tmpfs", device: "0:9")
        let found = try finding(entry, state, [mount("/persist"), bind, memory])
        #expect(found.verdict == .leaked && found.reason == "inside it /var/lib/db/wal is in memory")
        let closed = mount("/var/lib/db", root: "/var/lib/db", options: "ro")
        #expect(try finding(entry, state, [mount("/persist"), closed]).verdict == .readOnly)
    }

    @Test func `a part of a declared directory that is read-only is said, another file system in it is not`() throws {
        var state = DeclaredState()
        (state.path, state.target) = (node(), node())
        (state.pathMount, state.targetMount) = (BytePath("/var/lib/db"), BytePath("/persist"))
        let entry = PersistenceEntry(path: "/var/lib/db", mechanism: .bind, target: "/persist/var/lib/db")
        let own = [mount("/persist"), mount("/var/lib/db", root: "/var/lib/db")]
        let part = mount("/var/lib/db/wal", root: "/var/lib/db/wal", options: "ro")
        #expect(try finding(entry, state, own + [part]).verdict == .readOnly)
        let image = mount("/var/lib/db/image", "squashfs", device: "7:1", options: "ro")
        #expect(try finding(entry, state, own + [image]).verdict == .inEffect)
        state.target?.isLocked = true
        #expect(try finding(entry, state, own).verdict == .readOnly)
        state.path?.isLocked = true
        state.target = nil
        let dataset = PersistenceEntry(path: "/var/lib/db", mechanism: .dataset, target: "/var/lib/db")
        #expect(try finding(dataset, state, own).verdict == .readOnly)
    }

    @Test func `another directory of the storage is not the declared one, where a mount shows in both places`() throws {
        var state = DeclaredState()
        (state.path, state.target) = (node(), node())
        (state.pathMount, state.targetMount) = (BytePath("/var/lib/db"), BytePath("/persist/var/lib/db"))
        state.targetPlace = BytePath("/persist/var/lib/db")
        let entry = PersistenceEntry(path: "/var/lib/db", mechanism: .bind, target: "/persist/var/lib/db")
        for (source, supers, verdict) in [
            ("/old", "rw", DeclaredFinding.Verdict.leaked), ("/var/lib/db", "rw", .inEffect),
            ("/@db", "rw,subvol=/@db", .inEffect),
        ] {
            let both = ["/var/lib/db", "/persist/var/lib/db"].map { mount($0, root: source, supers: supers) }
            #expect(try finding(entry, state, [mount("/persist")] + both).verdict == verdict, "\(source)")
        }
    }

    @Test func `a target that is a link is where that leads`() throws {
        var state = DeclaredState()
        (state.path, state.linkTarget) = (node(.symlink), BytePath("/persist/etc/app"))
        (state.target, state.pathMount) = (node(.symlink), BytePath("/"))
        let entry = PersistenceEntry(path: "/etc/app", mechanism: .symlink, target: "/persist/etc/app")
        for (end, holder, verdict) in [
            ("/var/lib/app", "/", DeclaredFinding.Verdict.leaked), ("/persist/app", "/persist", .inEffect),
            (nil, nil, .unknown),
        ] as [(String?, String?, DeclaredFinding.Verdict)] {
            (state.targetPlace, state.targetMount) = (end.map { BytePath($0) }, holder.map { BytePath($0) })
            let found = try finding(entry, state, [mount("/persist")])
            #expect(found.verdict == verdict, "\(found.reason)")
        }
    }

    @Test func `a data set below a mount that is erased is lost`() throws {
        var state = DeclaredState()
        (state.path, state.pathMount) = (node(), BytePath("/scratch"))
        let entry = PersistenceEntry(path: "/scratch/db", mechanism: .dataset, target: "/scratch/db")
        #expect(try finding(entry, state, [mount("/scratch")], erases: ["/scratch"]).verdict == .leaked)
    }

    @Test func `a relative link leads where it leads`() throws {
        var state = DeclaredState()
        (state.path, state.target) = (node(.symlink), node(.file))
        (state.pathMount, state.targetMount) = (BytePath("/"), BytePath("/persist"))
        let entry = PersistenceEntry(path: "/etc/exports", mechanism: .symlink, target: "/persist/etc/exports")
        for (link, verdict) in [
            ("../persist/etc/exports", DeclaredFinding.Verdict.inEffect), ("/persist/etc/exports", .inEffect),
            ("/persist/./etc/../etc/exports", .inEffect), ("persist/etc/exports", .leaked), ("../etc/exports", .leaked),
        ] {
            state.linkTarget = BytePath(link)
            #expect(try finding(entry, state, [mount("/persist")]).verdict == verdict, "\(link)")
        }
    }
}
