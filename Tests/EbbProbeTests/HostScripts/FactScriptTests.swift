import EbbTestSupport
import Testing

@testable import EbbModel
@testable import EbbProbe

@Suite struct FactScriptTests {
    /// A script that reads the mount table from a file of the test.
    private func identity(_ table: String, blank: String = "") -> [UInt8] {
        let script = HostScript(PackageResources.root_identity_sh, values: ["blank": blank])
        let text = String(decoding: script.bytes, as: UTF8.self).replacing(
            "/proc/self/mountinfo", with: "/run/mountinfo")
        return Array("echo '1 0 0:1 / / rw - \(table)' >/run/mountinfo\n\(text)".utf8)
    }

    @Test func `serial numbers are listed, the board's first, and none of a container`() async throws {
        let text = String(decoding: HostScript(PackageResources.serial_sh).bytes, as: UTF8.self)
        let script = Array(
            text.replacing("/sys/class/dmi", with: "/run/dmi").replacing("/proc/device-tree", with: "/run/tree").utf8)
        let setup = """
            mkdir -p /run/dmi/id /run/tree
            printf 'Default string\\n' >/run/dmi/id/board_serial; printf 'PF-12\\n' >/run/dmi/id/product_serial
            printf '1000ab\\0' >/run/tree/serial-number
            """
        for shell in ScriptHost.shells {
            let answer = try await ScriptHost(setup: setup).run(script, shell: shell)
            #expect(
                answer.output.split(separator: "\n") == ["Default string", "PF-12", "1000ab"], "\(shell): \(answer)")
            let container = try await ScriptHost(setup: setup + "\necho lxc >/run/systemd/container").run(
                script, shell: shell)
            #expect(container == .init(), "\(shell): \(container)")
        }
    }

    @Test func `the guard of Ebb's own overlay is asked where it has its setting`() throws {
        let host = try HostName("pi")
        let settings = HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "192.0.2.1"),
            root: RootSettings(strategy: .overlay), persist: [PersistentStorage(mount: "/persist")])
        let probe = try #require(FactReader.probes(for: settings).first { $0.name == "erase-guard" })
        func read(_ answer: String) -> EraseGuard? { FactReader.eraseGuard(answer, root: nil) }
        #expect(String(decoding: probe.shell, as: UTF8.self).contains("/etc/overlayroot.local.conf"))
        #expect(read("mark erased: the root is an overlay on memory\nsettings on_failure=stop\n") == .failsClosed)
        #expect(read("mark erased: the root is an overlay on memory\nsettings on_failure=dirty\n") == .failsOpen)
        #expect(read("settings on_failure=stop\n") == nil)
    }

    @Test func `a program that fails leaves no identity, which would look like a new root`() async throws {
        let broken = "echo 'cannot look' >&2; exit 1"
        let host = ScriptHost(programs: ["btrfs": broken, "zfs": broken, "zpool": broken, "findmnt": broken])
        for shell in ScriptHost.shells {
            for table in ["btrfs /dev/vda rw", "zfs rpool/root rw", "ext4 /dev/vda rw"] {
                let answer = try await host.run(identity(table, blank: "blank"), shell: shell)
                #expect(answer.stderr.contains("cannot look"), "\(shell) \(table): \(answer)")
            }
        }
    }

    @Test func `an identity is made of fields, not of names that look like them`() async throws {
        let host = ScriptHost(programs: [
            "stat": "echo 0",
            "btrfs": """
            printf '@root\\n\\tName: \\t\\t@root\\n\\tUUID: \\t\\t1-a\\n\\tParent UUID: \\t2-b\\n'
            printf '\\tCreation time: \\t2026\\n\\tSnapshot(s):\\n\\t\\t\\t\\tx\\n\\tUUID: \\t\\tforged\\n'
            """, "zfs": "printf '42\\n7\\n'",
            "zpool": """
            echo '2026-11-22.21:00:00 zfs rollback -r rpool/root@blank'
            echo '2026-11-22.21:00:01 zfs set user:x=rollback rpool/home'
            """,
        ])
        for shell in ScriptHost.shells {
            let btrfs = try await host.run(identity("btrfs /dev/vda rw"), shell: shell)
            #expect(btrfs.output == "btrfs uuid=1-a parent=2-b created=2026\n", "\(shell)")
            let zfs = try await host.run(identity("zfs rpool/root rw", blank: "blank"), shell: shell)
            #expect(
                zfs.output == "zfs guid=42 createtxg=7 "
                    + "rollback=2026-11-22.21:00:00 zfs rollback -r rpool/root@blank\n", "\(shell)")
            #expect(btrfs.stderr + zfs.stderr == "")
        }
    }

    @Test func `a blank that is not there yet is no failure`() async throws {
        let host = ScriptHost(programs: [
            "stat": "echo 5", "zfs": "echo \"cannot open 'x': dataset does not exist\"; exit 1", "zpool": ":",
        ])
        for shell in ScriptHost.shells {
            let answer = try await host.run(identity("zfs rpool/root rw", blank: "blank"), shell: shell)
            #expect(answer.output == "zfs born=5 rollback=\n" && answer.stderr == "", "\(shell)")
        }
    }

    @Test func `what the initramfs copied a root from is the last word of its mark`() async throws {
        let host = ScriptHost(
            programs: ["stat": "echo 0", "findmnt": "echo 1-a"],
            setup: "mkdir /run/ebb; echo 'erased: /persist/a b 77' >/run/ebb/erase")
        for shell in ScriptHost.shells {
            let ext4 = try await host.run(identity("ext4 /dev/vda rw"), shell: shell)
            #expect(ext4.output == "ext4 uuid=1-a blank=77\n", "\(shell) \(ext4)")
            let tmpfs = try await host.run(identity("tmpfs tmpfs rw"), shell: shell)
            #expect(tmpfs.output == "tmpfs device=0:1 blank=77\n", "\(shell) \(tmpfs)")
        }
    }

    /// The mark of a place that a boot erases.
    private func place(_ table: String, at place: String = "/run/scratch") -> [UInt8] {
        let script = HostScript(PackageResources.root_identity_sh, values: ["place": "/run/scratch"])
        let text = String(decoding: script.bytes, as: UTF8.self).replacing(
            "/proc/self/mountinfo", with: "/run/mountinfo")
        return Array("echo '1 0 0:1 / \(place) rw - \(table)' >/run/mountinfo\n\(text)".utf8)
    }

    @Test func `each place that a boot erases has a mark of its own, and none where nothing is mounted`() async throws {
        let stat = "case $* in *%W*) echo 5 ;; *%i*) echo 256 ;; *) echo 9 ;; esac"
        let host = ScriptHost(
            programs: [
                "stat": stat, "findmnt": "echo 1-a",
                "btrfs": "printf '\\tUUID: \\t\\t%s\\n\\tParent UUID: \\t-\\n\\tCreation time: \\t2026\\n' \"$3\"",
                "zfs": "echo 42",
                "zpool": """
                echo '2026-11-22.21:00:00 [txg:7] rollback tank/scratch (54) '
                echo '2026-11-22.21:00:01 zfs rollback -r rpool/root@blank'
                echo '2026-11-22.21:00:02 [txg:8] rollback tank/scratch2 (55) '
                """,
            ],
            setup:
                "mkdir /run/scratch; echo 'erased: x 77' >/run/scratch/erase; mkdir /run/ebb; cp /run/scratch/erase /run/ebb"
        )
        let cases = [
            ("ext4 /dev/vdb rw", "ext4 born=5 uuid=1-a\n"), ("tmpfs tmpfs rw", "tmpfs born=5 device=0:1\n"),
            ("btrfs /dev/vdb rw", "btrfs born=5 uuid=/run/scratch parent=- created=2026\n"),
            (
                "zfs tank/scratch rw",
                "zfs born=5 set=42 rollback=2026-11-22.21:00:00 [txg:7] rollback tank/scratch (54) \n"
            ),
        ]
        for shell in ScriptHost.shells {
            for (table, mark) in cases {
                let answer = try await host.run(place(table), shell: shell)
                #expect(answer.output == mark && answer.stderr == "", "\(shell): \(answer)")
            }
            let none = try await host.run(place("ext4 /dev/vdb rw", at: "/run/other"), shell: shell)
            #expect(none.output == "\n" && none.stderr == "" && none.status == 0, "\(shell): \(none)")
        }
    }

    @Test func `a blank that is younger inside than itself was changed in place`() async throws {
        func host(generation: Int, root: Int, changed: Bool) -> ScriptHost {
            ScriptHost(
                programs: [
                    "btrfs": """
                    taken='2000-01-01 00:00:00 +0000'
                    case $3 in
                        /) printf '\\tUUID: \\t\\t1\\n\\tParent UUID: \\t2\\n\\tGen at creation: \\t\(root)\\n' ;;
                        *) printf '\\tUUID: \\t\\t2\\n\\tCreation time: \\t%s\\n' "$taken"
                           printf '\\tGeneration: \\t\(generation)\\n\\tGen at creation: \\t8\\n\\tReceive time: \\t-\\n' ;;
                    esac
                    """, "date": changed ? "echo 946684800" : "echo 4102444800",
                ], setup: "mkdir -p /run/top/blank; echo door >/run/top/blank/door")
        }
        let script = HostScript(PackageResources.blank_state_sh, values: ["top": "/run/top", "blank": "blank"])
        for shell in ScriptHost.shells {
            let asTaken = try await host(generation: 8, root: 12, changed: true).run(script.bytes, shell: shell)
            #expect(
                asTaken.output.hasPrefix("8 @") && asTaken.output.hasSuffix("/door\n") && asTaken.stderr == "",
                "\(shell): \(asTaken)")
            // A snapshot of it counts in its generation.
            let asRoot = try await host(generation: 12, root: 12, changed: true).run(script.bytes, shell: shell)
            #expect(asRoot.output.hasPrefix("12 @") && asRoot.output.hasSuffix("/door\n"), "\(shell): \(asRoot)")
            let changed = try await host(generation: 13, root: 12, changed: true).run(script.bytes, shell: shell)
            #expect(changed.output.hasPrefix("13 @") && changed.output.contains("/door /"), "\(shell): \(changed)")
            let moved = try await host(generation: 13, root: 12, changed: false).run(script.bytes, shell: shell)
            #expect(
                moved.output.hasPrefix("13 @") && moved.output.hasSuffix("/door \n") && moved.stderr == "",
                "\(shell): \(moved)")
            let none = HostScript(PackageResources.blank_state_sh, values: ["top": "/run/top", "blank": "none"])
            #expect(try await ScriptHost().run(none.bytes, shell: shell).output == "\n", "\(shell)")
        }
    }

    @Test func `a dataset that cannot be asked has no line, one without snapshots has a dash`() async throws {
        let host = ScriptHost(programs: [
            "zfs": """
            case $* in
                *gone*) echo 'cannot open' >&2; exit 1 ;;
                *empty*) ;;
                *) printf '100\\n200\\n' ;;
            esac
            """
        ])
        let script = HostScript(PackageResources.safe_snapshots_sh, words: ["tank/full", "tank/gone", "tank/empty"])
        for shell in ScriptHost.shells {
            let answer = try await host.run(script.bytes, shell: shell)
            #expect(answer.output == "200\ttank/full\n-\ttank/empty\n", "\(shell)")
            #expect(answer.stderr == "cannot open\n")
        }
    }

    @Test func `the erase guard tells its mark, its settings and what the kernel was told`() async throws {
        let text = String(
            decoding: HostScript(PackageResources.erase_guard_sh, words: ["/run/a b.conf", "/run/none"]).bytes,
            as: UTF8.self)
        let script = Array(text.replacing("/proc/cmdline", with: "/run/cmdline").utf8)
        let host = ScriptHost(
            setup: """
                mkdir /run/ebb; printf 'erased: x' >/run/ebb/erase
                printf 'quiet * bootfs.rollback=1 ebb.erase=no' >/run/cmdline
                printf '# a\\non_failure=stop\\n' >'/run/a b.conf'
                """)
        for shell in ScriptHost.shells {
            let answer = try await host.run(script, shell: shell)
            #expect(answer.output == "mark erased: x\ndracut\nskipped\nsettings on_failure=stop\n")
            #expect(answer.stderr == "", "\(shell)")
            // The guard of an overlay has its setting in a comment beside those of what lays it.
            let overlay = Array("sed -i 's/^on/# on/' '/run/a b.conf'\n".utf8) + script
            let told = try await host.run(overlay, shell: shell)
            #expect(told.output.hasSuffix("settings on_failure=stop\n") && told.stderr == "", "\(shell): \(told)")
        }
    }

    @Test func `a service manager's answer is passed on, its silence is a failure`() async throws {
        let degraded = ScriptHost(programs: ["systemctl": "echo degraded; exit 1"])
        let silent = ScriptHost(programs: ["systemctl": "echo 'no answer' >&2; exit 1"])
        let none = ScriptHost(programs: ["systemctl": "exit 1"], setup: "rm -r /run/systemd")
        for shell in ScriptHost.shells {
            let state = try await degraded.run(PackageResources.system_state_sh, shell: shell)
            #expect(state.output == "degraded\n" && state.status == 0)
            let units = try await silent.run(PackageResources.failed_units_sh, shell: shell)
            #expect(units.status != 0 && units.stderr == "no answer\n")
            let absent = try await none.run(PackageResources.failed_units_sh, shell: shell)
            #expect(absent.output == "" && absent.status == 0)
            let settled = try await degraded.run(PackageResources.settle_sh, shell: shell)
            #expect(settled == .init(), "\(shell)")
        }
    }

    @Test func `a service that dies and is started again for ever is no healthy one, nor is a user's that failed`()
        async throws
    {
        let host = ScriptHost(
            programs: [
                "systemctl": """
                case $* in
                    --user*) echo 'mail.service loaded failed failed' ;;
                    *auto-restart*) echo 'flap.service loaded activating auto-restart'; echo 'poll.service loaded' ;;
                    *Result*flap*) echo exit-code ;;
                    *Result*) echo success ;;
                    *) echo 'bad.service loaded failed failed' ;;
                esac
                """
            ], setup: "mkdir -p /run/user/7/systemd; : >/run/user/7/systemd/private")
        for shell in ScriptHost.shells {
            let units = try await host.run(PackageResources.failed_units_sh, shell: shell)
            #expect(units.output.hasPrefix("systemd\nbad.service loaded failed failed\nflap.service\n"), "\(shell)")
            #expect(units.output.hasSuffix("\nuser-7/mail.service\n") && !units.output.contains("poll"), "\(shell)")
        }
    }

    @Test func `files that are not there are an answer`() async throws {
        let host = ScriptHost(
            setup: "mount -t tmpfs tmpfs /etc || exit 99; mkdir -p /etc; : >/etc/NIXOS; echo ssh >/etc/.clean")
        for shell in ScriptHost.shells {
            let machine = try await host.run(PackageResources.machine_id_sh, shell: shell)
            #expect(machine == .init(), "\(shell)")
            let system = try await host.run(PackageResources.os_release_sh, shell: shell)
            #expect(system.status == 0 && system.stderr == "")
            #expect(try await host.run(PackageResources.managed_sh, shell: shell).output == "ssh\n")
        }
    }

    @Test func `programs that observing needs are named where they are missing`() async throws {
        let host = ScriptHost(programs: ["comm": "exit 1", "zpool": "exit 1", "zfs": ":"])
        let script = HostScript(PackageResources.doctor_tools_sh, values: ["strategy": "zfs"])
        for shell in ScriptHost.shells {
            #expect(try await host.run(script.bytes, shell: shell).output == "comm zpool\n")
        }
    }
}
