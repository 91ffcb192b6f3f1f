import EbbClassifier
import Testing

@testable import EbbModel

@Suite struct DeclaredJudgeTests {
    func node(_ identity: String, _ kind: FileKind = .directory, owner: String = "root", mode: UInt16 = 0o755)
        -> DeclaredState.Node
    {
        DeclaredState.Node(
            kind: kind, identity: identity, owner: owner, uid: 0, group: "root", gid: 0, mode: mode, size: 0)
    }

    func mount(_ point: String, root: String = "/", type: String = "btrfs") -> Mount {
        Mount(
            device: point, root: BytePath(root), mountPoint: BytePath(point), options: "rw", fileSystem: type,
            source: "x", superOptions: "rw")
    }

    func finding(
        _ mechanism: Mechanism, _ state: DeclaredState?, persist: [String] = ["/persist"], mounts: [Mount] = [],
        owner: String? = nil, mode: UInt16? = nil
    ) throws -> DeclaredFinding.Verdict {
        let name = try HostName("h")
        var settings = HostSettings(host: name, connection: ConnectionSettings(host: name, address: "h"))
        settings.persist = persist.map { PersistentStorage(mount: $0) }
        settings.persistence = [PersistenceEntry(path: "/data", mechanism: mechanism, owner: owner, mode: mode)]
        let entries = settings.persistenceSet()
        let judge = DeclaredJudge(settings: settings, mounts: [mount("/"), mount("/persist")] + mounts)
        let states = state.map { ["/data": $0] } ?? [:]
        return try #require(judge.findings(entries, states: states).first).verdict
    }

    func state(
        path: DeclaredState.Node?, link: String? = nil, target: DeclaredState.Node?, pathMount: String = "/",
        targetMount: String = "/persist"
    ) -> DeclaredState {
        var state = DeclaredState()
        state.path = path
        state.linkTarget = link.map { BytePath($0) }
        state.target = target
        state.pathMount = BytePath(pathMount)
        state.targetMount = BytePath(targetMount)
        return state
    }

    @Test func `a link is in effect only while it is a link to its target`() throws {
        let kept = node("2:9", .file)
        let link = node("1:5", .symlink)
        let cases: [(DeclaredState, DeclaredFinding.Verdict)] = [
            (state(path: link, link: "/persist/data", target: kept), .inEffect),
            (state(path: link, link: "/elsewhere", target: kept), .leaked),
            (state(path: node("1:6", .file), target: kept), .leaked), (state(path: nil, target: kept), .leaked),
            (state(path: link, link: "/persist/data", target: nil), .missing),
            (state(path: link, link: "/persist/data", target: kept, targetMount: "/"), .leaked),
        ]
        for (state, verdict) in cases { #expect(try finding(.symlink, state) == verdict) }
    }

    @Test func `a bind is in effect only while both paths are one file`() throws {
        let kept = node("2:9")
        let mounted = [mount("/data", root: "/data")]
        let here = state(path: node("2:9"), target: kept, pathMount: "/data")
        #expect(try finding(.bind, here, mounts: mounted) == .inEffect)
        let stale = [mount("/data", root: "/data//deleted")]
        #expect(try finding(.bind, here, mounts: stale) == .leaked)
        let other = state(path: node("2:8"), target: kept, pathMount: "/data")
        #expect(try finding(.bind, other, mounts: mounted) == .leaked)
        let bare = state(path: node("1:5"), target: kept)
        #expect(try finding(.bind, bare) == .leaked)
    }

    @Test func `a dataset must be a mount of its own that is not in memory`() throws {
        let here = state(path: node("3:1"), target: nil, pathMount: "/data")
        #expect(try finding(.dataset, here, mounts: [mount("/data")]) == .inEffect)
        #expect(try finding(.dataset, here, mounts: [mount("/data", type: "tmpfs")]) == .leaked)
        #expect(try finding(.dataset, state(path: node("1:1"), target: nil)) == .leaked)
        #expect(try finding(.dataset, state(path: nil, target: nil)) == .missing)
    }

    @Test func `what the host did not say is unknown, never in effect`() throws {
        for mechanism in Mechanism.allCases {
            #expect(try finding(mechanism, nil) == .unknown)
            #expect(try finding(mechanism, DeclaredState()) != .inEffect)
        }
        let link = state(path: node("1:5", .symlink), link: nil, target: node("2:9"))
        #expect(try finding(.symlink, link) == .unknown)
    }

    @Test func `persistent storage that is not mounted or in memory keeps nothing`() throws {
        let there = state(path: nil, target: node("2:9"))
        #expect(try finding(.config, there) == .inEffect)
        #expect(try finding(.config, there, persist: []) == .unknown)
        #expect(try finding(.config, there, persist: ["/other"]) != .inEffect)
        let memory = [mount("/persist", type: "tmpfs")]
        #expect(try finding(.config, there, mounts: memory) == .leaked)
    }

    @Test func `another owner or mode than declared is told, and only then`() throws {
        let there = state(path: nil, target: node("2:9", owner: "app", mode: 0o700))
        #expect(try finding(.config, there, owner: "app", mode: 0o700) == .inEffect)
        #expect(try finding(.config, there, owner: "0") == .inEffect)
        #expect(try finding(.config, there, owner: "root") == .wrongAttributes)
        #expect(try finding(.config, there, mode: 0o755) == .wrongAttributes)
    }
}
