import EbbModel
import EbbTestSupport
import Testing

@testable import EbbProbe

/// Scripts that write and read files: canaries, safety copies, declared paths, owners.
@Suite struct FileScriptTests {
    private let gap = ProbeGap(probe: "canaries", reason: .failed, message: "no answer")
    private let canaries = ["/run/a b", "/run/gone", "/run/pipe"].map {
        Canary(kind: .negative, mount: $0, token: "0123456789abcdef0123456789abcdef")
    }

    /// Takes the lease and leaves canaries.
    private static func plant(_ canaries: [Canary], owner: String = "me") -> [UInt8] {
        Array("(\n".utf8) + LeaseShell.take(owner: "me").bytes + Array("\n) >/dev/null\n(\n".utf8)
            + CanaryShell.plant(canaries, owner: owner).bytes + Array("\n)\n".utf8)
    }

    @Test func `each controller has canaries of its own, and none is left under another's lease`() async throws {
        let token = CanaryToken(controller: "00112233445566aa", attempt: 7, random: String(repeating: "e", count: 32))
        let own = Canary(kind: .negative, mount: "/run", token: token.text)
        let other = Canary(
            kind: .negative, mount: "/run",
            token: CanaryToken(controller: "ffeeddccbbaa9988", attempt: nil, random: token.random).text)
        let script = Self.plant([own]) + Self.plant([other]) + Self.plant([own], owner: "another")
        for shell in ScriptHost.shells {
            let answer = try await ScriptHost().run(script + CanaryShell.read([own]).bytes, shell: shell)
            let lines = answer.output.split(separator: "\n")
            let read = Array(lines.dropFirst(2).joined(separator: "\n").utf8)
            guard case .present(token.text, BytePath("/run"), _) = CanaryShell.readings(count: 1, in: read, gap: gap)[0]
            else {
                Issue.record("\(shell): \(answer)")
                continue
            }
            #expect(CanaryShell.foreign(in: read) == ["ffeeddccbbaa9988"], "\(shell): \(answer)")
            #expect(answer.stderr == "the lease is held by me\n", "\(shell): \(answer)")
        }
    }

    @Test func `canaries are written, found, missed, and never read from a pipe`() async throws {
        let plant = Self.plant([canaries[0], canaries[2]])
        let read = CanaryShell.read(canaries).bytes
        let script =
            Array("(\n".utf8) + plant
            + Array("\n) >/dev/null\nrm /run/pipe/.ebb-canary; mkfifo /run/pipe/.ebb-canary\n".utf8) + read
        for shell in ScriptHost.shells {
            let answer = try await ScriptHost().run(script, shell: shell)
            let readings = CanaryShell.readings(count: canaries.count, in: Array(answer.output.utf8), gap: gap)
            guard case .present(canaries[0].token, BytePath("/run"), let file) = readings[0] else {
                Issue.record("\(shell): \(answer)")
                continue
            }
            #expect(file != nil, "\(shell): \(answer)")
            #expect(readings[1...] == [.absent(on: BytePath("/run")), .unknown(gap)], "\(shell): \(answer)")
            #expect(answer.stderr.contains("fifo"))
        }
    }

    @Test func `whoever touches all that a place holds does not make it newer`() async throws {
        // A second on each side: the times of making cannot be set.
        let script = Array(
            """
            mkdir -p /run/old/dir /run/new /run/empty && echo x >/run/old/dir/file && sleep 1.1
            since=$(date +%s) && sleep 1.1 && chown -R 0:1 /run/old && touch /run/old/dir/file && echo y >/run/new/file

            """.utf8)
        let ask = String(
            decoding: CanaryShell.older(at: ["/run/old", "/run/new", "/run/empty", "/run/gone"], since: 7).bytes,
            as: UTF8.self)
        for shell in ScriptHost.shells {
            let whole = script + Array(ask.replacing("since=7", with: ":").replacing("since='7'", with: ":").utf8)
            let answer = try await ScriptHost().run(whole, shell: shell)
            let found = CanaryShell.older(
                at: ["/run/old", "/run/new", "/run/empty", "/run/gone"], in: Array(answer.output.utf8))
            #expect(found == ["/run/old": true, "/run/new": false, "/run/empty": false], "\(shell): \(answer)")
        }
    }

    @Test func `where a canary is not there, the answer says which mount was looked at`() async throws {
        let read = CanaryShell.read([
            Canary(kind: .negative, mount: "/run/disk", token: "t"),
            Canary(kind: .positive, mount: "/run/gone", token: "t"),
        ])
        let host = ScriptHost(setup: "mkdir /run/disk && mount -t tmpfs tmpfs /run/disk")
        for shell in ScriptHost.shells {
            let answer = try await host.run(read.bytes, shell: shell)
            #expect(
                answer.output == "0 absent /run/disk\n1 absent /run\n" && answer.stderr == "", "\(shell): \(answer)")
        }
    }

    @Test func `a token cannot answer for another canary, and a copy is not the file that was left`() async throws {
        let forged = "mkdir /run/disk; printf 'x\\n0 absent /' >/run/disk/.ebb-canary"
        let places = ["/run", "/run/disk"].map { Canary(kind: .negative, mount: $0, token: "t") }
        let plant = Self.plant([places[0]])
        let copy = Array("\ncp -p /run/.ebb-canary /run/c; mv /run/c /run/.ebb-canary\n".utf8)
        for shell in ScriptHost.shells {
            let script = Array("(\n".utf8) + plant + Array("\n)\n(\n".utf8) + copy + Array("\n)\n".utf8)
            let answer = try await ScriptHost(setup: forged).run(script + CanaryShell.read(places).bytes, shell: shell)
            let lines = answer.output.split(separator: "\n")
            let left = try #require(CanaryShell.planted(Array(lines[0].utf8))[0], "\(shell): \(answer)")
            let found = CanaryShell.readings(
                count: 2, in: Array(lines.dropFirst().joined(separator: "\n").utf8), gap: gap)
            guard case .present("t", BytePath("/run"), let file?) = found[0],
                case .present("other", BytePath("/run"), _) = found[1]
            else {
                Issue.record("\(shell): \(answer)")
                continue
            }
            #expect(!left.isSameFile(as: file), "\(shell): \(answer)")
        }
    }

    @Test func `a file that cannot be read to its end has no digest in the census`() async throws {
        let entry = PersistenceEntry(path: "/run/key", mechanism: .bind, target: "/run/key", stateClass: .secret)
        let probe = CensusProbe.probe([entry]).shell
        for shell in ScriptHost.shells where shell != ["busybox", "sh"] {
            for (programs, isRead) in [([:], true), (["head": "printf half; exit 1"], false)]
                as [(KeyValuePairs<String, String>, Bool)]
            {
                let host = ScriptHost(programs: programs, setup: "echo secret >/run/key")
                let answer = try await host.run(probe, shell: shell)
                let census = try CensusReader.census(Array(answer.output.utf8), of: [entry], takenAt: 0)
                #expect((census.places["/run/key"]?.top?.digest != nil) == isRead, "\(shell): \(answer)")
            }
        }
    }

    @Test func `a place that holds something older than the boot says so`() async throws {
        let host = ScriptHost(setup: "mkdir -p /run/full /run/bare/lost+found; echo x >/run/full/x")
        let places = ["/run/full", "/run/bare", "/run/gone"]
        for shell in ScriptHost.shells {
            let late = try await host.run(CanaryShell.older(at: places, since: 4_102_444_800).bytes, shell: shell)
            #expect(
                CanaryShell.older(at: places, in: Array(late.output.utf8)) == ["/run/full": true, "/run/bare": false],
                "\(shell): \(late)")
            let early = try await host.run(CanaryShell.older(at: places, since: 1).bytes, shell: shell)
            #expect(
                CanaryShell.older(at: places, in: Array(early.output.utf8)) == [
                    "/run/full": false, "/run/bare": false,
                ], "\(shell): \(early)")
        }
    }

    @Test func `an older subvolume in a new one is older, whatever the clock says`() async throws {
        let host = ScriptHost(
            setup: """
                truncate -s 128M /run/img && mkfs.btrfs -q /run/img >/dev/null 2>&1
                mkdir /run/b; mount -o loop /run/img /run/b; cd /run/b
                btrfs -q subvolume create kept; sync; btrfs -q subvolume create new; btrfs -q subvolume create well
                sync; btrfs -q subvolume create well/made; mv kept new/vol; mkdir /run/new /run/well /run/plain
                mount --bind new /run/new; mount --bind well /run/well; cd /
                """)
        let places = ["/run/new", "/run/well", "/run/plain"]
        for shell in ScriptHost.shells {
            let answer = try await host.run(CanaryShell.older(at: places, since: 1).bytes, shell: shell)
            let output = Array(answer.output.utf8)
            #expect(
                CanaryShell.nested(at: places, in: output) == ["/run/new": BytePath("/run/new/vol")],
                "\(shell): \(answer)")
            #expect(CanaryShell.older(at: places, in: output).count == 3, "\(shell): \(answer)")
        }
    }

    @Test func `a canary is written through no link and lands on no root`() async throws {
        let positive = Canary(kind: .positive, mount: "/run/disk", token: "t")
        let negative = Canary(kind: .negative, mount: "/run/tmp", token: "t")
        let script = Self.plant([positive, negative])
        let host = ScriptHost(
            setup: """
                mkdir /run/disk /run/tmp
                ln -s /run/victim /run/tmp/.ebb-canary; ln -s /run/victim /run/tmp/.ebb-canary.new
                """)
        for shell in ScriptHost.shells {
            let answer = try await host.run(script + Array("\nls /run/victim /run/disk".utf8), shell: shell)
            #expect(CanaryShell.planted(Array(answer.output.utf8)).keys.sorted() == [1], "\(shell): \(answer)")
            #expect(answer.stderr.contains("/run/disk is not a mount point"))
            #expect(answer.stderr.contains("/run/victim"))
        }
    }

    @Test func `safety copies keep their newest, and bring back what is asked for only`() async throws {
        func copy(_ name: String) -> [UInt8] {
            SafetyCopyShell.copy(
                [BytePath("/run/data"), BytePath("/run/data/it's\n*"), BytePath("/run/data/b")], name: name,
                mount: "/run/disk", keep: 2
            ).bytes
        }
        let restore = SafetyCopyShell.restore(
            BytePath("/run/data/it's\n*"), from: "three", mount: "/run/disk", replacing: false)
        let list = SafetyCopyShell.list(mount: "/run/disk")
        let parts = [copy("one"), copy("two"), copy("three"), list.bytes, restore.bytes]
        var script: [UInt8] = []
        for (index, part) in parts.enumerated() {
            // Each later than the one before it.
            script += Array("touch -d @\(index) /run/disk/.ebb/safety/*.tar 2>/dev/null\n(\n".utf8)
            script += part + Array("\n)\n[ \(index) -ne 3 ] || rm -r /run/data/*\n".utf8)
        }
        let host = ScriptHost(
            setup: """
                mkdir /run/disk /run/data && mount -t tmpfs tmpfs /run/disk
                echo a >"/run/data/it's
                *"; echo b >/run/data/b
                """)
        for shell in ScriptHost.shells {
            let answer = try await host.run(
                script + Array("cat /run/data/*; ls /run/disk/.ebb/safety".utf8), shell: shell)
            let listing = SafetyCopyListing(Array(answer.output.utf8))
            #expect(listing.entries.first?.path == "/run/data/", "\(shell): \(answer)")
            #expect(Set(listing.entries.map(\.copy)).count == 2, "\(shell): \(answer)")
            #expect(answer.output.hasSuffix("\na\nthree.tar\ntwo.tar\n"), "\(shell): \(answer)")
            #expect(answer.stderr == "")
        }
    }

    @Test func `a safety copy that cannot be written is none`() async throws {
        let script = SafetyCopyShell.copy([BytePath("/run/gone")], name: "x", mount: "/run/disk", keep: 2)
        let mounted = ScriptHost(setup: "mkdir /run/disk && mount -t tmpfs tmpfs /run/disk")
        let bare = ScriptHost(setup: "mkdir /run/disk")
        for shell in ScriptHost.shells {
            for host in [mounted, bare] {
                let answer = try await host.run(script.bytes, shell: shell)
                #expect(answer.status != 0 && answer.output == "", "\(shell): \(answer)")
            }
        }
    }

    @Test func `a file that nobody can write to says so, and so does one that nobody gets to`() async throws {
        let host = ScriptHost(
            setup: """
                truncate -s 16M /run/img; mkfs.ext4 -q /run/img; mkdir /run/p; mount -o loop /run/img /run/p
                echo x >/run/p/one; echo x >/run/p/two; chattr +i /run/p/one; mkdir -m 0 /run/shut; echo x >/run/shut/file
                """)
        let entries = ["/run/p/one", "/run/p/two", "/run/shut/file"].map {
            PersistenceEntry(path: "/etc/x" + $0, mechanism: .symlink, target: $0)
        }
        for shell in ScriptHost.shells {
            let found = try await states(entries, host, shell).mapValues { [$0.target?.isLocked, $0.target?.isClosed] }
            #expect(found["/etc/x/run/p/one"] == [true, nil], "\(shell)")
            #expect(found["/etc/x/run/p/two"] == [nil, nil], "\(shell)")
            #expect(found["/etc/x/run/shut/file"] == [nil, true], "\(shell)")
        }
    }

    private func declared(_ path: String, identity: Bool = false) -> PersistenceEntry {
        PersistenceEntry(path: path, mechanism: .bind, target: path, stateClass: identity ? .identity : .config)
    }

    private func states(_ entries: [PersistenceEntry], _ host: ScriptHost, _ shell: [String]) async throws -> [String:
        DeclaredState]
    {
        let answer = try await host.run(DeclaredProbe.probe(entries, limit: 9).shell, shell: shell)
        #expect(answer.stderr == "" && answer.status == 0, "\(shell): \(answer)")
        let table = try #require(MountTable(mountinfo: Array("22 1 0:20 / / rw - ext4 /dev/vda rw\n".utf8)))
        return try DeclaredReader.states(Array(answer.output.utf8), of: entries, mounts: table)
    }

    @Test func `names of groups and owners may hold blanks`() async throws {
        let host = ScriptHost(
            setup: """
                cp /etc/group /etc/passwd /run && echo 'domain users:x:4711:' >>/run/group
                echo 'A B:x:4712:4711::/:/bin/sh' >>/run/passwd
                mount --bind /run/group /etc/group && mount --bind /run/passwd /etc/passwd
                : >/run/file && chown 4712:4711 /run/file
                """)
        for shell in ScriptHost.shells {
            let node = try await states([declared("/run/file")], host, shell)["/run/file"]?.path
            #expect(node?.group == "domain users" && node?.owner == "A B", "\(shell)")
            let asked = AttributionProbe.probe([BytePath("/run/file")]).shell
            let answer = try await host.run(asked, shell: shell)
            let found = AttributionReader.read(Array(answer.output.utf8), of: [BytePath("/run/file")])
            #expect(found[BytePath("/run/file")]?.group == "domain users", "\(shell): \(answer)")
        }
    }

    @Test func `a file that is not read in time has no digest, and spoils no other answer`() async throws {
        let host = ScriptHost(
            programs: ["timeout": "case $4 in *slow) exit 124 ;; *) shift; exec \"$@\" ;; esac"],
            setup: "echo a >/run/slow; echo a >/run/quick; mkfifo /run/pipe")
        let entries = ["/run/slow", "/run/quick", "/run/pipe"].map { declared($0, identity: true) }
        for shell in ScriptHost.shells {
            let states = try await states(entries, host, shell)
            #expect(states["/run/slow"]?.digest == nil && states["/run/pipe"]?.digest == nil)
            #expect(states["/run/quick"]?.digest?.hasPrefix("87428fc522803d31") == true)
            #expect(states["/run/pipe"]?.target?.kind == .fifo, "\(shell)")
        }
    }
}
