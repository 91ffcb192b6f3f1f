import EbbModel
import EbbTestSupport
import Testing

@testable import EbbProbe

/// Whether a declared path can be written to is tried.
@Suite struct WriteScriptTests {
    /// An ext4 at `/run/p`, with directories of root and of account 1000.
    private static let setup = """
        mkdir /run/p; truncate -s 16M /run/img; mkfs.ext4 -q /run/img; mount -o loop /run/img /run/p
        cd /run/p; mkdir -m 700 .ebb own; mkdir root shared; chown 1000 own; chmod 1777 shared; ln -s own link; : >file
        cd /
        """

    private static func entry(_ name: String, _ mechanism: Mechanism = .bind) -> PersistenceEntry {
        PersistenceEntry(path: "/run/p/\(name)", mechanism: mechanism, target: "/run/p/\(name)")
    }

    private static let entries = ["own", "root", "shared", "link", "file"].map { entry($0) }

    /// The answers in every shell, which must agree.
    private func outcomes(
        _ setup: String, _ entries: [PersistenceEntry] = entries, programs: KeyValuePairs<String, String> = [:]
    ) async throws -> [String: WriteTest] {
        var all: Set<[String: WriteTest]> = []
        for shell in ScriptHost.shells {
            let host = ScriptHost(programs: programs, setup: Self.setup + "\n" + setup)
            let probe = WriteProbe.probe(entries, on: [PersistentStorage(mount: "/run/p")])
            let script = probe.shell + Array("\nfind /run -name '.ebb-*' ! -path '/run/p/.ebb' >&2\n".utf8)
            let answer = try await host.run(script, shell: shell)
            #expect(answer.stderr.isEmpty, "\(shell): \(answer)")
            all.insert(try WriteProbe.outcomes(Array(answer.output.utf8), of: entries))
        }
        #expect(all.count == 1, "\(all)")
        return try #require(all.first)
    }

    @Test func `a write is tried by the owner, on the storage by root, and leaves nothing`() async throws {
        let found = try await outcomes(": >/run/p/own/.ebb-write-test; : >/run/p/.ebb/.ebb-write-test")
        for name in ["own", "root", "shared"] {
            #expect(found["/run/p/\(name)"] == WriteTest(storage: .works, directory: .works), "\(name)")
        }
        #expect(found["/run/p/file"] == WriteTest(storage: .works, directory: nil))
        #expect(found["/run/p/link"]?.storage == .works)
        guard case .untried? = found["/run/p/link"]?.directory else {
            Issue.record("\(found)")
            return
        }
    }

    @Test(arguments: [
        ("mount -o remount,ro /run/p", true, "Read-only file system"),
        ("mount --bind /run/p/own /run/p/own; mount -o remount,bind,ro /run/p/own", false, "Read-only file system"),
        ("head -c 40000000 /dev/zero >/run/p/fill 2>/dev/null || :", true, "No space left on device"),
        ("chattr +i /run/p/own", false, "Operation not permitted"),
    ]) func `what takes no writes says why`(setup: String, isWhole: Bool, why: String) async throws {
        let found = try await outcomes(setup)["/run/p/own"]
        #expect(found?.directory == .fails(why))
        #expect(found?.storage == (isWhole ? .fails(why) : .works))
    }

    @Test func `what a link leads to must be within reach of its owner, whether a write is tried there or not`()
        async throws
    {
        var entries = ["own", "own/file", "root"].map { Self.entry($0, .symlink) }
        var settings = Self.entry("own/sub", .symlink)
        settings.askedWriteTest = .storage
        entries.append(settings)
        let made = ": >/run/p/own/file; mkdir /run/p/own/sub; chown 1000 /run/p/own/file /run/p/own/sub; "
        let open = try await outcomes(made, entries)
        #expect(open["/run/p/own"] == WriteTest(storage: .works, directory: .works))
        for name in ["own/file", "own/sub"] {
            #expect(open["/run/p/\(name)"] == WriteTest(storage: .works, directory: nil), "\(name)")
        }
        let shut = try await outcomes(made + "chmod 700 /run/p", entries)
        for name in ["own", "own/file", "own/sub"] {
            let why = "its owner cannot get there"
            #expect(shut["/run/p/\(name)"]?.directory == .fails(why), "\(name): \(shut)")
        }
        #expect(shut["/run/p/root"] == WriteTest(storage: .works, directory: .works))
        let bound = try await outcomes(made + "chmod 700 /run/p")
        #expect(bound["/run/p/own"]?.directory == .works)
        let gone = try await outcomes("umount -l /run/p; mkdir -p /run/p/own", [entries[0]])
        #expect(gone["/run/p/own"]?.storage == .fails("nothing is mounted at /run/p"))
    }

    @Test func `what could not be tried says that`() async throws {
        // A directory that lets no name go, a mode that keeps its own owner out, and a host without tools.
        let closed = try await outcomes("chattr +a /run/p/root; chmod 500 /run/p/own")
        for name in ["own", "root"] {
            guard case .untried? = closed["/run/p/\(name)"]?.directory else {
                Issue.record("\(name): \(closed)")
                continue
            }
            #expect(closed["/run/p/\(name)"]?.storage == .works)
        }
        let bare: KeyValuePairs = ["setpriv": "exit 1", "chpst": "exit 1"]
        let untried = try await outcomes("rm -rf /run/p/.ebb; mkdir /run/p/.ebb; chmod 777 /run/p/.ebb", programs: bare)
        guard case .untried? = untried["/run/p/own"]?.directory, case .untried? = untried["/run/p/own"]?.storage else {
            Issue.record("\(untried)")
            return
        }
    }

    @Test func `what others have under its name is left alone, and holds nothing up`() async throws {
        let setup = """
            echo data >/run/p/root/.ebb-write-test; mkfifo /run/p/shared/.ebb-write-test; chown 1000 /run/p/shared/.ebb-write-test
            ln -s /run/p/file /run/p/own/.ebb-write-test

            """
        let entries = ["root", "shared", "own"].map { Self.entry($0) }
        for shell in ScriptHost.shells {
            let host = ScriptHost(setup: Self.setup + "\n" + setup)
            let probe = WriteProbe.probe(entries, on: [PersistentStorage(mount: "/run/p")])
            let look =
                "\n[ -p /run/p/shared/.ebb-write-test ] && [ -L /run/p/own/.ebb-write-test ] && cat /run/p/root/.ebb-write-test >&2\n"
            let answer = try await host.run(probe.shell + Array(look.utf8), shell: shell)
            #expect(answer.stderr == "data\n", "\(shell): \(answer)")
            for (path, found) in try WriteProbe.outcomes(Array(answer.output.utf8), of: entries) {
                #expect(found.storage == .works, "\(path)")
                guard case .untried(let why)? = found.directory, why.contains("is there") else {
                    Issue.record("\(shell) \(path): \(found)")
                    continue
                }
            }
        }
    }

    @Test func `a directory that was removed beneath its mount keeps no other from being tried`() async throws {
        let gone = PersistenceEntry(path: "/run/gone", mechanism: .bind, target: "/run/p/gone")
        let found = try await outcomes(
            "mkdir /run/p/gone /run/gone; mount --bind /run/p/gone /run/gone; rmdir /run/p/gone",
            [gone, Self.entry("own")])
        guard case .untried? = found["/run/gone"]?.directory else {
            Issue.record("\(found)")
            return
        }
        #expect(found["/run/p/own"] == WriteTest(storage: .works, directory: .works))
    }

    @Test func `where programs obey every file only the storage is tried`() {
        let cases: [(PersistenceEntry, WriteTestPlace)] = [
            (PersistenceEntry(path: "/var/lib/x", mechanism: .bind), .directory),
            (PersistenceEntry(path: "/var/lib/x", mechanism: .bind, stateClass: .secret), .storage),
            (PersistenceEntry(path: "/etc/x", mechanism: .bind), .storage),
            (PersistenceEntry(path: "/usr/local/x.d", mechanism: .bind), .storage),
        ]
        for (entry, place) in cases { #expect(entry.writeTest == place, "\(entry.path)") }
    }

    @Test func `an answer that is none is a gap`() {
        for bytes in ["", "0\0works\0", "1\0works\0works\0", "0\0odd\0\0", "0\0works\0works\0x"] {
            #expect(throws: ProbeGap.self) { _ = try WriteProbe.outcomes(Array(bytes.utf8), of: [Self.entry("own")]) }
        }
    }
}
