import EbbModel
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Subprocess
import Synchronization
import Testing

@testable import EbbSSH

struct KnownHostsTests {
    private let first = Self.key(1)
    private let second = Self.key(2)

    /// A key blob as a host would show it.
    private static func key(_ filler: UInt8) -> HostKey {
        let name = Array("ssh-ed25519".utf8)
        let blob = [0, 0, 0, 11] + name + [0, 0, 0, 32] + Array(repeating: filler, count: 32)
        return HostKey(algorithm: "ssh-ed25519", blob: blob)
    }

    private func text(_ key: HostKey) -> String { "\(key.algorithm) \(Data(key.blob).base64EncodedString())" }

    private func verdict(_ lines: String, _ key: HostKey, address: String = "db1", port: Int = 22)
        -> HostKeyPolicy.Verdict
    {
        let known = KnownHosts(lines.utf8, file: "known_hosts")
        return HostKeyPolicy(pins: known.pins(address: address, port: port)).verdict(on: key)
    }

    @Test func `a pinned key is accepted for its names only`() {
        let lines = "# comment\n\ndb1,10.0.0.1 \(text(first)) a comment\n"
        #expect(verdict(lines, first) == .accepted)
        #expect(verdict(lines, first, address: "DB1") == .accepted)
        #expect(verdict(lines, first, address: "10.0.0.1") == .accepted)
        #expect(verdict(lines, first, address: "db2") == .unknown)
        #expect(verdict(lines, first, address: "xdb1") == .unknown)
        guard case .mismatch(let pins) = verdict(lines, second) else {
            Issue.record("a changed key was not noticed")
            return
        }
        #expect(pins.map(\.line) == [3])
    }

    @Test func `each of thousands of names is found, in the order of the files`() {
        var known = KnownHosts()
        let names = (0..<3_000).map { "host-\($0)" }
        known.add(names.map { "\($0) \(text(first))\n" }.joined().utf8, file: "one")
        known.add(names.map { "x\($0),\($0) \(text(second))\n" }.joined().utf8, file: "two")
        for (number, name) in names.enumerated() {
            let pins = known.pins(address: name, port: 22)
            #expect(pins.map(\.key) == [first, second])
            #expect(pins.map(\.file) == ["one", "two"])
            #expect(pins.map(\.line) == [number + 1, number + 1])
        }
        #expect(known.pins(address: "host-3000", port: 22).isEmpty)
    }

    @Test func `wildcards match and negations exclude`() {
        let lines = "*.lan,!secret.lan,db? \(text(first))"
        #expect(verdict(lines, first, address: "a.b.lan") == .accepted)
        #expect(verdict(lines, first, address: "secret.lan") == .unknown)
        #expect(verdict(lines, first, address: "db7") == .accepted)
        #expect(verdict(lines, first, address: "db77") == .unknown)
        #expect(verdict("!db1 \(text(first))", first) == .unknown)
    }

    @Test func `a port has names of its own, and the bare name stands in`() {
        #expect(verdict("[db1]:2222 \(text(first))", first, port: 2222) == .accepted)
        #expect(verdict("[db1]:2222 \(text(first))", first) == .unknown)
        #expect(verdict("db1 \(text(first))", first, port: 2222) == .accepted)
        let both = "db1 \(text(first))\n[db1]:2222 \(text(second))"
        #expect(verdict(both, second, port: 2222) == .accepted)
        guard case .mismatch = verdict(both, first, port: 2222) else {
            Issue.record("the bare name overruled the port's own pin")
            return
        }
    }

    @Test func `a revoked key stays revoked wherever it is pinned`() {
        let lines = "db1 \(text(first))\n@revoked * \(text(first))"
        guard case .revoked(let pin) = verdict(lines, first) else {
            Issue.record("a revoked key was accepted")
            return
        }
        #expect(pin.line == 2)
        #expect(verdict(lines + "\ndb1 \(text(second))", second) == .accepted)
        let ported = "[db1]:2222 \(text(first))\n@revoked [db1]:2222 \(text(first))"
        guard case .revoked = verdict(ported, first, port: 2222) else {
            Issue.record("a revoked key was accepted on a port")
            return
        }
    }

    @Test func `a certificate authority accepts no plain key`() {
        guard case .authorityOnly = verdict("@cert-authority * \(text(first))", first) else {
            Issue.record("an authority was taken for a host key")
            return
        }
    }

    @Test func `lines that say nothing are counted, not believed`() {
        let other = Data(second.blob).base64EncodedString()
        let lines = """
            db1 ssh-ed25519
            db1 ssh-rsa \(other)
            @unknown db1 \(text(first))
            |1|bad|salt \(text(first))
            db1 ssh-ed25519 %%%
            """
        #expect(KnownHosts(lines.utf8, file: "f").unreadable.map(\.line) == [1, 2, 3, 4, 5])
        #expect(verdict(lines, first) == .unknown)
    }

    @Test func `lines that say nothing are told once in a run`() async throws {
        try await withScratchDirectory { directory in
            let file = directory + "/known_hosts"
            let lines = "db1 ssh-ed25519\ndb1 \(text(first))\n" + String(repeating: "db2 ssh-rsa %%%\n", count: 6)
            try lines.write(toFile: file, atomically: true, encoding: .utf8)
            var settings = ConnectionSettings(
                host: try HostName("db1"), address: "127.0.0.1", port: 1, knownHostsFiles: [file], adapter: .libssh2)
            settings.jumps = [settings]
            let target = settings
            let notices = Mutex<[String]>([])
            let transport = AutoTransport(
                libssh2: SSHTransport(agentSocket: nil), notice: { text in notices.withLock { $0.append(text) } })
            for _ in 0..<2 {
                await #expect(throws: TransportError.self) {
                    try await transport.withConnection(to: target, timeout: .seconds(30)) { _ in }
                }
            }
            let told = notices.withLock { $0 }
            #expect(told.count == 1)
            #expect(told.first?.hasPrefix("\(file): lines 1, 3, 4, 5, 6 and 2 more cannot be read") == true)
        }
    }

    @Test func `an explanation shows both fingerprints and never offers to stop checking`() {
        let verdict = verdict("db1 \(text(second))", first)
        let text = verdict.explanation(key: first, address: "db1", port: 22)
        #expect(text.contains(first.fingerprint))
        #expect(text.contains(second.fingerprint))
        #expect(text.contains("known_hosts:1"))
        #expect(!text.lowercased().contains("stricthostkeychecking"))
    }

    @Test func `the algorithms of pinned keys come first`() {
        let supported = ["ecdsa-sha2-nistp256", "ssh-ed25519", "ssh-rsa", "ssh-dss"]
        let none = HostKeyPolicy(pins: [])
        #expect(none.algorithms(supported: supported) == ["ssh-ed25519", "ecdsa-sha2-nistp256"])
        let pins = KnownHosts("db1 \(text(first))".utf8, file: "f").pins(address: "db1", port: 22)
        let wanted = HostKeyPolicy(pins: pins).algorithms(supported: supported)
        #expect(wanted?.first == "ssh-ed25519")
        #expect(HostKeyPolicy(pins: pins).algorithms(supported: ["ecdsa-sha2-nistp256"]) == nil)
    }

    @Test func `hashed names and fingerprints are those of OpenSSH`() async throws {
        try await SSHServer.with { server in
            let printed = try await run(
                .name("ssh-keygen"), arguments: ["-l", "-f", "\(server.directory)/host.pub"],
                output: .string(limit: 4096))
            let file = server.knownHosts
            _ = try await run(.name("ssh-keygen"), arguments: ["-H", "-f", file], output: .discarded)
            let lines = try String(contentsOfFile: file, encoding: .utf8)
            #expect(lines.hasPrefix("|1|"))
            let pins = KnownHosts(lines.utf8, file: file).pins(address: server.address, port: server.port)
            let key = try #require(pins.first?.key)
            #expect(HostKeyPolicy(pins: pins).verdict(on: key) == .accepted)
            #expect(printed.standardOutput.contains(key.fingerprint))
        }
    }
}
