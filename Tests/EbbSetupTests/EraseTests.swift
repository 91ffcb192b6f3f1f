import EbbProbe
import Foundation
import Subprocess
import Testing

@testable import EbbModel
@testable import EbbSetup

@Suite struct EraseTests {
    static let request = EraseRequest(
        root: RootSettings(strategy: .zfs, dataset: "rpool/ROOT/debian", blank: "ebb-blank"), storage: "/persist",
        identity: BlankIdentity(guid: "4972180217252680571", createdAt: 7), stage: .trial)

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
            ], storageFiles: [], rebuild: [RemoteCommand("sh", "-c", "echo rebuilt >>\(place)/log")],
            pendingMark: "\(place)/persist/.ebb/pending", wayOut: "")
        func run(_ probe: ProbeScript.Probe) async throws -> [UInt8] {
            let nonce = ProbeNonce.random()
            let script = ProbeScript(nonce: nonce, probes: [probe])
            let result = try await Subprocess.run(
                .name("sh"), arguments: ["-s"], input: .array(script.bytes), output: .bytes(limit: 1 << 20),
                error: .string(limit: 4096))
            return try ProbeReport(parsing: result.standardOutput, nonce: nonce).output(of: probe.name)
        }
        func state() async throws -> EraseState {
            try EraseState(parsing: try await run(EraseScript.detect(kit)), fileCount: 2)
        }
        _ = try? FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
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

    @Test func `a rebuild that fails leaves the files as they were, and is made up for`() async throws {
        let place = "/tmp/ebb-erase-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        func kit(_ stage: String, _ rebuild: String) -> EraseKit {
            EraseKit(
                mechanism: .initramfsZFS, rootFiles: [],
                storageFiles: [
                    HostFile(path: "\(place)/conf", mode: 0o644, content: "stage=\(stage)\n"),
                    HostFile(path: "\(place)/\(stage)", mode: 0o755, content: "x"),
                ], rebuild: [RemoteCommand("sh", "-c", rebuild)], pendingMark: "\(place)/pending", wayOut: "")
        }
        func run(_ probe: ProbeScript.Probe) async throws -> ProbeResult {
            let nonce = ProbeNonce.random()
            let script = ProbeScript(nonce: nonce, probes: [probe])
            let result = try await Subprocess.run(
                .name("sh"), arguments: ["-s"], input: .array(script.bytes), output: .bytes(limit: 1 << 20),
                error: .string(limit: 4096))
            return try ProbeReport(parsing: result.standardOutput, nonce: nonce).result(of: probe.name)
        }
        let log = "echo built >>\(place)/log"
        #expect(try await run(EraseScript.install(kit("trial", log))).status == 0)
        let failed = try await run(EraseScript.install(kit("armed", "echo no room >&2; exit 1")))
        #expect(failed.status == 1)
        #expect(String(decoding: failed.standardError, as: UTF8.self).contains("no room"))
        #expect(try String(contentsOfFile: "\(place)/conf", encoding: .utf8) == "stage=trial\n")
        #expect(!FileManager.default.fileExists(atPath: "\(place)/armed"))
        // Nothing differs from the trial, and yet the initramfs may: it is built again.
        let again = try await run(EraseScript.install(kit("trial", log)))
        #expect(again.output == Array("yes\n".utf8))
        let last = try await run(EraseScript.install(kit("trial", log)))
        #expect(last.output == Array("no\n".utf8))
        #expect(try String(contentsOfFile: "\(place)/log", encoding: .utf8) == "built\nbuilt\n")
        let left = try FileManager.default.contentsOfDirectory(atPath: place)
        #expect(left.sorted() == ["conf", "log", "trial"])
    }

    @Test func `what must be in the blank is known before there is one`() throws {
        var request = Self.request
        request.identity = nil
        let before = try EraseKit.beforeBlank(.initramfsZFS, request)
        #expect(before.rootFiles == (try EraseKit.make(.initramfsZFS, Self.request)).rootFiles)
        #expect(before.storageFiles.isEmpty && before.rebuild.isEmpty)
        request.root = RootSettings(strategy: .overlay)
        request.stage = .armed
        let overlay = try EraseKit.beforeBlank(.overlayroot, request)
        #expect(overlay.rootFiles[0].content.contains("overlayroot=\"disabled\""))
        #expect(!overlay.rebuild.isEmpty)
    }

    @Test func `an unknown word of the last boot is no good news`() throws {
        let lines = "file 0 same\nimage holds\nboot "
        let cases: [(String, EraseState.Boot)] = [
            ("erased: rpool/x@b 1", .erased("rpool/x@b 1")), ("trial: x", .trial("x")),
            ("skipped: ebb.erase=no", .skipped("ebb.erase=no")), ("failed: a b", .failed("failed: a b")),
            ("silent", .silent), ("whatever", .failed("whatever ")),
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
            RootSettings(strategy: .tmpfs), RootSettings(strategy: .zfs, dataset: "rpool/local/root", blank: "blank"),
            RootSettings(strategy: .btrfs, blank: "root-blank", subvolume: "root"),
        ] {
            let module = try NixOSModule(
                HostSettings(
                    host: host, connection: ConnectionSettings(host: host, address: "n"), root: root,
                    persist: [PersistentStorage(mount: "/persist")],
                    persistence: [
                        PersistenceEntry(path: "/var/lib/a ${b}\"", mechanism: .bind),
                        PersistenceEntry(path: "/etc/x y", mechanism: .symlink),
                        PersistenceEntry(path: "/etc/z", mechanism: .symlink),
                        // A quote with a combining mark behind it is one Character in Swift.
                        PersistenceEntry(path: "/srv/\"\u{301}; ${", mechanism: .bind),
                    ]))
            // Parsed by the language's own program wherever that is installed.
            let parsed = try await Subprocess.run(
                .name("sh"), arguments: ["-c", "nix-instantiate --parse -"], input: .string(module.text),
                output: .discarded, error: .string(limit: 4096))
            #expect(parsed.terminationStatus.isSuccess, "\(parsed.standardError)\n\(module.text)")
            if root.strategy != .tmpfs { #expect(module.text.contains("requiredBy = [ \"sysroot.mount\" ];")) }
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
