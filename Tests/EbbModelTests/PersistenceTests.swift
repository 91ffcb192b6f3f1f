import Testing

@testable import EbbModel

@Suite struct PersistenceTests {
    private func settings(_ mounts: String...) throws -> HostSettings {
        let host = try HostName("h")
        return HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "h"),
            persist: mounts.map { PersistentStorage(mount: $0) })
    }

    private func entry(_ path: String, _ mechanism: Mechanism = .bind, target: String? = nil) -> PersistenceEntry {
        PersistenceEntry(path: path, mechanism: mechanism, target: target)
    }

    @Test func `a declared path lives on the first persistent storage unless it says otherwise`() throws {
        let settings = try settings("/persist", "/safe")
        #expect(settings.target(of: entry("/var/lib/x")) == "/persist/var/lib/x")
        #expect(settings.target(of: entry("/var/lib/x", target: "/safe/x")) == "/safe/x")
        #expect(settings.target(of: entry("/var/lib/x", .dataset)) == "/var/lib/x")
        #expect(settings.target(of: entry("/etc/x", .config)) == "/persist/etc/x")
        #expect(try self.settings().target(of: entry("/var/lib/x")) == nil)
        #expect(try self.settings().target(of: entry("/var/lib/x", .dataset)) == "/var/lib/x")
    }

    @Test func `a path inside another is covered unless it is a mount of its own over a bind`() {
        let inside = [Mechanism.symlink, .bind, .dataset, .config]
        for outer in Mechanism.allCases {
            let covered = inside.filter { entry("/a/b", $0).isCovered(by: entry("/a", outer)) }
            let expected: [Mechanism] =
                switch outer {
                case .symlink: inside
                case .bind: [.symlink, .bind, .config]
                case .dataset, .config: []
                }
            #expect(covered == expected, "\(outer)")
            #expect(!entry("/a", outer).isCovered(by: entry("/a/b")))
            #expect(!entry("/ab").isCovered(by: entry("/a", outer)))
            #expect(entry("/a", outer).overlaps(entry("/a/b")))
        }
        #expect(!entry("/ab").overlaps(entry("/a")))
    }
}
