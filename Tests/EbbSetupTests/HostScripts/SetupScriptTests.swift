import EbbProbe
import EbbTestSupport
import Testing

@testable import EbbModel
@testable import EbbSetup

@Suite struct SetupScriptTests {
    @Test func `an entry of fstab is a line of its own, whatever the last line ends with`() async throws {
        let script = HostScript(PackageResources.persist_setup_sh, words: ["zfs_place", "tank/keep", "/run/keep", ""])
        let line = "tank/keep /run/keep zfs defaults 0 0\n"
        for shell in ScriptHost.shells {
            for (before, after) in [("# one", "# one\n"), ("# one\\n", "# one\n"), ("", "")] {
                let host = ScriptHost(
                    programs: ["zfs": "echo legacy", "systemctl": ":", "mount": ":"],
                    setup: "mount -t tmpfs tmpfs /etc || exit 99; printf '\(before)' >/etc/fstab")
                let answer = try await host.run(
                    Array("(\n".utf8) + script.bytes + Array("\n)\ncat /etc/fstab\n".utf8), shell: shell)
                #expect(answer.output == "yes\n" + after + line, "\(shell): \(answer)")
            }
        }
    }

    @Test func `only a unit that says what it mounts is one that mounts`() async throws {
        let script = HostScript(PackageResources.persist_setup_sh, words: ["place", "/run/keep", "", ""])
        let prepare = "mount -t tmpfs tmpfs /etc || exit 99; : >/etc/fstab && mkdir /run/keep"
        for shell in ScriptHost.shells {
            for (unit, isTaken) in [
                ("printf '[Mount]\\nWhat=/dev/vda\\n'; seq 100000", true), ("echo 'No files found' >&2; exit 1", false),
                ("echo '# What=x'", false),
            ] {
                let host = ScriptHost(
                    programs: ["systemctl": "[ \"$1\" != cat ] || { \(unit); }", "mount": ":"], setup: prepare)
                let answer = try await host.run(script.bytes, shell: shell)
                #expect((answer.status == 0) == isTaken, "\(shell) \(unit): \(answer)")
                #expect(isTaken == answer.stderr.isEmpty, "\(answer)")
            }
        }
    }

    @Test func `directories for others can be entered by others`() async throws {
        let script = HostScript(PackageResources.persist_setup_sh, words: ["put", "/run/a/b/file", "644", "eA=="])
        let host = ScriptHost(programs: ["systemctl": ":"], setup: "umask 077")
        for shell in ScriptHost.shells {
            let answer = try await host.run(
                Array("(\n".utf8) + script.bytes + Array("\n)\nstat -c %a /run/a /run/a/b /run/a/b/file\n".utf8),
                shell: shell)
            #expect(answer.output == "yes\n755\n755\n644\n", "\(shell): \(answer)")
        }
    }

    /// Goes on writing after its first lines, and complains when nobody reads any more.
    private static let chatty = """
        printf 'bin/a b\\nscripts/local-premount/ebb-erase\\n'
        seq 100000 || { echo 'broken pipe' >&2; exit 2; }
        """

    private func detect(_ list: String, _ shell: [String], entry: String) async throws -> ScriptHost.Answer {
        let script = HostScript(PackageResources.erase_detect_sh, values: ["entry": entry, "mark": "/run/mark"])
        let text = String(decoding: script.bytes, as: UTF8.self).replacing(
            "/boot/initrd.img-", with: "/run/initrd.img-")
        let host = ScriptHost(programs: ["lsinitramfs": list], setup: ": >\"/run/initrd.img-$(uname -r)\"")
        return try await host.run(Array(text.utf8), shell: shell)
    }

    @Test func `a list of the initramfs is read whole, so nobody complains`() async throws {
        for shell in ScriptHost.shells {
            let there = try await detect(Self.chatty, shell, entry: "scripts/local-premount/ebb-erase")
            #expect(there == .init(output: "image holds\nboot silent\n"), "\(shell): \(there)")
            let part = try await detect(Self.chatty, shell, entry: "scripts/local-premount/ebb")
            #expect(part.output == "image lacks\nboot silent\n")
            let failed = try await detect("echo 'cannot read' >&2; exit 1", shell, entry: "x")
            #expect(failed.status != 0 && failed.stderr == "cannot read\n", "\(shell)")
        }
    }

    @Test func `files are put and taken in each shell, and go back when rebuilding fails`() async throws {
        func change(_ operation: String, _ content: String, rebuild: String) -> [UInt8] {
            let script = HostScript(
                PackageResources.erase_files_sh,
                values: [
                    "operation": operation, "rebuild": rebuild, "mark": "/run/keep/pending", "keep_initramfs": "no",
                ], words: ["/run/file", "755", content])
            return Array("(\n".utf8) + script.bytes + Array("\n)\ncat /run/file 2>/dev/null; echo .\n".utf8)
        }
        let script =
            change("put", "YQ==", rebuild: "echo one >>/run/log && echo two >>/run/log")
            + change("put", "YQ==", rebuild: "false")
            + change("put", "Yg==", rebuild: "true && echo 'no room' >&2 && false")
            + change("put", "YQ==", rebuild: "echo again >>/run/log") + change("take", "", rebuild: "")
            + Array("cat /run/log; ls -A /run\n".utf8)
        for shell in ScriptHost.shells {
            let answer = try await ScriptHost().run(script, shell: shell)
            let words = answer.output.split(separator: "\n").joined(separator: " ")
            #expect(
                words == "yes a. no a. a. yes a. yes . one two again keep log programs systemd", "\(shell): \(answer)")
            #expect(answer.stderr.contains("no room"))
        }
    }

    @Test func `settings that cannot be read do not pass for disarmed`() async throws {
        func disarm(_ programs: KeyValuePairs<String, String>, _ shell: [String]) async throws -> ScriptHost.Answer {
            let script = HostScript(
                PackageResources.lower_tree_sh, values: ["mechanism": "systemd-volatile", "settings": "/run/grub.cfg"])
            let host = ScriptHost(
                programs: programs, setup: "echo 'GRUB=\"a systemd.volatile=overlay\"' >/run/grub.cfg")
            return try await host.run(
                Array("(\n".utf8) + script.bytes + Array("\n)\necho $?; cat /run/grub.cfg\n".utf8), shell: shell)
        }
        let broken: [KeyValuePairs<String, String>] = [
            ["findmnt": "exit 1"], ["findmnt": "echo ext4", "grep": "exit 2"],
            ["findmnt": "echo ext4", "update-grub": "exit 1"],
        ]
        for shell in ScriptHost.shells {
            let bare = try await disarm(["findmnt": "echo ext4", "update-grub": ":"], shell)
            #expect(bare.output == "bare\n0\nGRUB=\"a\"\n", "\(shell): \(bare)")
            for programs in broken {
                let failed = try await disarm(programs, shell)
                #expect(failed.output.hasPrefix("1\n"), "\(shell): \(failed)")
            }
        }
    }

    @Test func `commands are run in order up to the first that fails`() async throws {
        let plan = HostScript(
            PackageResources.run_commands_sh,
            words: ["echo 'a b'", "printf '%s' \"it's\" >/run/x", "false", "echo never >/run/x"])
        for shell in ScriptHost.shells {
            let answer = try await ScriptHost().run(
                Array("(\n".utf8) + plan.bytes + Array("\n)\necho $?; cat /run/x\n".utf8), shell: shell)
            #expect(answer.output == "1\n2\n1\nit's", "\(shell)")
        }
    }

    @Test func `a directory that could be a blank is measured, or the question fails`() async throws {
        let script = HostScript(PackageResources.directory_blank_sh, values: ["blank": "/run/a b/blank"])
        let there = ScriptHost(setup: "mkdir -p '/run/a b/blank'; printf 77 >'/run/a b/blank.identity'")
        let broken = ScriptHost(programs: ["df": "exit 1"])
        for shell in ScriptHost.shells {
            let answer = try await there.run(script.bytes, shell: shell)
            let found = try DirectoryBlank(parsing: Array(answer.output.utf8))
            #expect(found.isThere && found.identity?.guid == "77" && found.isBesideRoot)
            #expect(found.free > 0, "\(shell)")
            let failed = try await broken.run(script.bytes, shell: shell)
            #expect(failed.status != 0, "\(shell): \(failed)")
        }
    }

    @Test func `what starts a host is asked in each shell`() async throws {
        let host = ScriptHost(setup: "mount -t tmpfs tmpfs /etc || exit 99; : >/etc/NIXOS")
        for shell in ScriptHost.shells {
            let answer = try await host.run(PackageResources.survey_sh, shell: shell)
            let survey = try HostSurvey(parsing: Array(answer.output.utf8))
            #expect(survey.initramfs == .nixos && answer.stderr == "", "\(shell): \(answer)")
        }
    }

    @Test func `orphans with odd names are listed, and measured where that is asked for`() async throws {
        let host = try HostName("h")
        var entry = PersistenceEntry(path: "/etc/x *", mechanism: .bind)
        entry.target = "/run/keep/etc/x *"
        let settings = HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "h"),
            persist: [PersistentStorage(mount: "/run/keep"), PersistentStorage(mount: "/run/no")], persistence: [entry])
        let bench = ScriptHost(
            setup: """
                mkdir -p '/run/keep/etc/x *' '/run/keep/etc/x y' /run/keep/.ebb '/run/keep/o
                '
                """)
        for shell in ScriptHost.shells {
            for sizes in [true, false] {
                let probe = OrphanProbe.probe(settings, sizes: sizes)
                let answer = try await bench.run(probe.shell, shell: shell)
                #expect(answer.stderr == "", "\(shell)")
                let orphans = try OrphanProbe.orphans(Array(answer.output.utf8))
                #expect(orphans.map(\.path.bytes) == ["/run/keep/etc/x y", "/run/keep/o\n"].map { Array($0.utf8) })
                #expect(orphans.allSatisfy { ($0.size != nil) == sizes })
            }
        }
    }
}
