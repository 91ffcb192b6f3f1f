import EbbProbe
import EbbSetup
import Foundation
import Subprocess
import Testing

@testable import EbbModel

@Suite struct OrphanTests {
    @Test func `what nobody declares is found, at the shallowest path that is foreign as a whole`() async throws {
        let directory = "/tmp/ebb-orphans-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let host = try HostName("h")
        let settings = HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "h"),
            persist: [PersistentStorage(mount: directory)],
            persistence: [
                PersistenceEntry(path: "/var/lib/a", mechanism: .bind),
                PersistenceEntry(path: "/etc/b*", mechanism: .symlink),
                PersistenceEntry(path: "/x", mechanism: .config, target: "\(directory)/var/lib/configured"),
                PersistenceEntry(path: "/srv/d", mechanism: .dataset),
            ])
        let nonce = ProbeNonce.random()
        let script = ProbeScript(nonce: nonce, probes: [OrphanProbe.probe(settings)])
        let setup = """
            mkdir -p \(directory)/.ebb/adopt \(directory)/var/lib/a/inner \(directory)/etc
            cd \(directory) && mkdir -p var/lib/configured var/lib/old/deep 'var/lib/a.ebb-old'
            : >'etc/b*'; : >etc/bx; printf 12345 >"$(printf 'etc/new\\nline')"; mkdir var/log
            head -c 100000 /dev/zero >var/lib/old/deep/x
            """
        _ = try await Subprocess.run(.name("sh"), arguments: ["-c", setup], output: .discarded, error: .discarded)
        let result = try await Subprocess.run(
            .name("sh"), arguments: ["-s"], input: .array(script.bytes), output: .bytes(limit: 1 << 20),
            error: .string(limit: 4096))
        let report = ProbeReport(parsing: result.standardOutput, nonce: nonce)
        let orphans = try OrphanProbe.orphans(try report.output(of: OrphanProbe.name))
        #expect(
            orphans.map { String($0.path.printable.dropFirst(directory.count)) } == [
                "/etc/bx", "/etc/new\\nline", "/var/lib/a.ebb-old", "/var/lib/old", "/var/log",
            ])
        #expect(orphans[2].origin == .rolledBack)
        #expect((orphans[3].size ?? 0) >= 100_000)
        #expect(orphans[0].kind == .file && orphans[4].kind == .directory)
    }
}
