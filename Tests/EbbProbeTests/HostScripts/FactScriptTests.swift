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
