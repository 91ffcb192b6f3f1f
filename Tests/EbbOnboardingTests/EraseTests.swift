import EbbModel
import EbbOnboarding
import EbbProbe
import Foundation
import Subprocess
import Testing

@Suite struct EraseTests {
    static let request = EraseRequest(
        root: RootSettings(strategy: .zfs, dataset: "rpool/ROOT/debian", blank: "ebb-blank"),
        storage: "/persist", identity: BlankIdentity(guid: "4972180217252680571", createdAt: 7),
        stage: .trial)

    @Test func `a blank that cannot be told from another is not gone back to`() {
        var request = Self.request
        request.identity = nil
        #expect(throws: EraseRefusal.self) { try EraseKit.make(.initramfsZFS, request) }
        #expect(throws: EraseRefusal.self) { try EraseKit.make(.initramfsBtrfs, Self.request) }
        #expect(throws: EraseRefusal.self) { try EraseKit.make(.overlayroot, Self.request) }
    }

    @Test func `only the settings on persistent storage differ between trial and armed`() throws {
        let trial = try EraseKit.make(.initramfsZFS, Self.request)
        var request = Self.request
        request.stage = .armed
        let armed = try EraseKit.make(.initramfsZFS, request)
        #expect(trial.rootFiles == armed.rootFiles)
        #expect(
            armed.storageFiles.map(\.content) == [
                """
                # What the initramfs does with the root; `update-initramfs -u -k all` after a change.
                strategy=zfs
                dataset=rpool/ROOT/debian
                blank=ebb-blank
                identity=4972180217252680571
                stage=armed
                on_failure=stop

                """
            ])
        #expect(trial.rootFiles.allSatisfy { !$0.content.contains("@storage@") })
    }

    @Test func `files are installed once, found, and removed, on a real directory`() async throws {
        let place = "/tmp/ebb-erase-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        let kit = EraseKit(
            mechanism: .initramfsZFS,
            rootFiles: [
                HostFile(path: "\(place)/etc/a 'b'", mode: 0o755, content: "one\n$x\n"),
                HostFile(path: "\(place)/persist/c", mode: 0o600, content: ""),
            ], storageFiles: [],
            rebuild: [RemoteCommand("sh", "-c", "echo rebuilt >>\(place)/log")],
            pendingMark: "\(place)/persist/.ebb/pending", wayOut: "")
        func run(_ probe: ProbeScript.Probe) async throws -> [UInt8] {
            let nonce = ProbeNonce.random()
            let script = ProbeScript(nonce: nonce, probes: [probe])
            let result = try await Subprocess.run(
                .name("sh"), arguments: ["-s"], input: .array(script.bytes),
                output: .bytes(limit: 1 << 20), error: .string(limit: 4096))
            return try ProbeReport(parsing: result.standardOutput, nonce: nonce)
                .output(of: probe.name)
        }
        func state() async throws -> EraseState {
            try EraseState(parsing: try await run(EraseScript.detect(kit)), fileCount: 2)
        }
        _ = try? FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true)
        #expect(try await state().files == [.absent, .absent])
        #expect(try await run(EraseScript.install(kit)) == Array("yes\n".utf8))
        #expect(try await run(EraseScript.install(kit)) == Array("no\n".utf8))
        #expect(try await state().files == [.same, .same])
        #expect(try String(contentsOfFile: "\(place)/log", encoding: .utf8) == "rebuilt\n")
        try "other".write(toFile: "\(place)/persist/c", atomically: true, encoding: .utf8)
        #expect(try await state().files == [.same, .other])
        #expect(try await run(EraseScript.remove(kit)) == Array("yes\n".utf8))
        #expect(try await state().files == [.absent, .absent])
    }

    @Test func `an unknown word of the last boot is no good news`() throws {
        let lines = "file 0 same\nimage holds\nboot "
        let cases: [(String, EraseState.Boot)] = [
            ("erased: rpool/x@b 1", .erased("rpool/x@b 1")), ("trial: x", .trial("x")),
            ("skipped: ebb.erase=no", .skipped("ebb.erase=no")),
            ("failed: a b", .failed("failed: a b")), ("silent", .silent),
            ("whatever", .failed("whatever ")),
        ]
        for (text, boot) in cases {
            let state = try EraseState(parsing: Array((lines + text + "\n").utf8), fileCount: 1)
            #expect(state.boot == boot)
        }
        #expect(throws: ProbeGap.self) {
            try EraseState(parsing: Array("image holds\nboot silent\n".utf8), fileCount: 1)
        }
    }

    @Test func `a NixOS module is the language's, and its rollback fails closed`() async throws {
        let host = try HostName("n")
        for root in [
            RootSettings(strategy: .tmpfs),
            RootSettings(strategy: .zfs, dataset: "rpool/local/root", blank: "blank"),
            RootSettings(strategy: .btrfs, blank: "root-blank", subvolume: "root"),
        ] {
            let module = try NixOSModule(
                HostSettings(
                    host: host, connection: ConnectionSettings(host: host, address: "n"),
                    root: root, persist: [PersistentStorage(mount: "/persist")],
                    persistence: [
                        PersistenceEntry(path: "/var/lib/a ${b}\"", mechanism: .bind),
                        PersistenceEntry(path: "/etc/x y", mechanism: .symlink),
                        PersistenceEntry(path: "/etc/z", mechanism: .symlink),
                    ]))
            // Parsed by the language's own program wherever that is installed.
            let parsed = try await Subprocess.run(
                .name("sh"),
                arguments: [
                    "-c",
                    "nix-instantiate --parse -",
                ], input: .string(module.text), output: .discarded, error: .string(limit: 4096))
            #expect(parsed.terminationStatus.isSuccess, "\(parsed.standardError)\n\(module.text)")
            if root.strategy != .tmpfs {
                #expect(module.text.contains("requiredBy = [ \"sysroot.mount\" ];"))
            }
            #expect(!module.text.contains("L+"))
            #expect(module.text.contains("\"L /etc/x\\\\x20y - - - - /persist/etc/x\\\\x20y\""))
            #expect(module.text.contains("fileSystems.\"/var/lib/a \\${b}\\\"\""))
        }
        #expect(throws: EraseRefusal.self) {
            try NixOSModule(
                HostSettings(
                    host: host, connection: ConnectionSettings(host: host, address: "n"),
                    root: RootSettings(strategy: .mkfs)))
        }
    }
}
