import EbbModel
import EbbTestSupport
import Foundation
import Testing

@testable import EbbProbe

@Suite struct RebootScriptTests {
    private func boot() throws -> BootID {
        let text = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return try #require(BootID(text))
    }

    /// A host whose login manager answers so; a reboot is only written down.
    private func host(active: String = "echo ActiveState=active", blocked: String, setup: String = ":") -> ScriptHost {
        ScriptHost(
            programs: [
                "systemctl": """
                case $* in
                    *ActiveState*) \(active) ;;
                    *Userspace*) echo UserspaceTimestampMonotonic=5 ;;
                esac
                """, "busctl": blocked, "systemd-inhibit": "echo 'lab 0 root 7 sleep shutdown busy block'",
                "systemd-run": "echo \"$*\" >>/run/reboots",
            ], setup: setup)
    }

    private func send(_ host: ScriptHost, _ shell: [String], boot: BootID) async throws -> (
        answer: RebootShell.Answer?, all: ScriptHost.Answer
    ) {
        let script = RebootShell.send(attempt: "7-x", expecting: boot).bytes
        let all = try await host.run(
            Array("(\n".utf8) + script + Array("\n)\ncat /run/reboots 2>/dev/null\n".utf8), shell: shell)
        return (RebootShell.answer(Array(all.output.utf8)), all)
    }

    @Test func `a login manager that does not answer is not one that allows a reboot`() async throws {
        let boot = try boot()
        for shell in ScriptHost.shells {
            for host in [
                host(blocked: "echo 'Failed to connect' >&2; exit 1"),
                host(active: "echo 'timed out' >&2; exit 1", blocked: "echo 's \"\"'"),
                host(active: "echo ActiveState=failed", blocked: "exit 1"),
            ] {
                let (answer, all) = try await send(host, shell, boot: boot)
                guard case .refused(let words)? = answer else {
                    Issue.record("\(shell): \(all)")
                    continue
                }
                #expect(words.hasPrefix("unknown whether something blocks a reboot"))
            }
        }
    }

    @Test func `who held off a shutdown when the login manager was stopped still does`() async throws {
        let boot = try boot()
        let note = "mkdir -p /run/systemd/inhibit; printf 'WHAT=sleep:shutdown\\nMODE=%s\\nPID=%s\\n' "
        let stopped = "echo ActiveState=inactive"
        let held = host(active: stopped, blocked: "exit 1", setup: note + "block 1 >/run/systemd/inhibit/4")
        let delayed = host(active: stopped, blocked: "exit 1", setup: note + "delay 1 >/run/systemd/inhibit/4")
        let gone = host(active: stopped, blocked: "exit 1", setup: note + "block 99999999 >/run/systemd/inhibit/4")
        for shell in ScriptHost.shells {
            let (answer, all) = try await send(held, shell, boot: boot)
            #expect(answer == .refused("blocked by process 1, although systemd-logind was stopped"), "\(shell): \(all)")
            for free in [delayed, gone] {
                #expect(try await send(free, shell, boot: boot).all.output.contains("accepted\n"), "\(shell)")
            }
        }
    }

    @Test func `who holds off a shutdown is named, who holds off sleep is nobody's business`() async throws {
        let boot = try boot()
        let held = host(blocked: "echo 's \"sleep:shutdown:idle\"'")
        let sleeping = host(blocked: "echo 's \"sleep:handle-power-key\"'")
        let none = host(active: "echo ActiveState=inactive", blocked: "exit 1")
        for shell in ScriptHost.shells {
            let refused = try await send(held, shell, boot: boot).answer
            #expect(refused == .refused("blocked by: lab 0 root 7 sleep shutdown busy block"), "\(shell)")
            for host in [sleeping, none] {
                let (_, all) = try await send(host, shell, boot: boot)
                #expect(all.output.hasPrefix("accepted\n"), "\(shell): \(all)")
                #expect(all.output.contains("--unit=ebb-reboot-7-x systemctl reboot"))
                #expect(all.stderr == "")
            }
        }
    }

    @Test func `a reboot is handed over once in its boot, and a mark that fails is no mark`() async throws {
        let boot = try boot()
        let other = try #require(BootID("11111111-1111-1111-1111-111111111111"))
        let free = "echo 's \"\"'"
        let marked = host(blocked: free, setup: "mkdir -p /run/ebb/reboot-7-x")
        let full = host(blocked: free, setup: "mkdir /run/ebb; : >/run/ebb/reboot-7-x")
        for shell in ScriptHost.shells {
            #expect(try await send(host(blocked: free), shell, boot: other).answer == .otherBoot)
            #expect(try await send(marked, shell, boot: boot).answer == .alreadySent)
            let (answer, all) = try await send(full, shell, boot: boot)
            #expect(answer == nil && all.stderr.contains("mkdir"), "\(shell): \(all)")
        }
    }

    @Test func `services that were started again within a boot are told`() async throws {
        let boot = try boot()
        let script = BootProbe.probe(attempt: "7", before: boot).shell
        for shell in ScriptHost.shells {
            for (now, isRestarted) in [("5", false), ("9", true)] {
                let host = ScriptHost(
                    programs: ["systemctl": "echo \(now)"],
                    setup: "mkdir -p /run/ebb/reboot-7; echo 5 >/run/ebb/reboot-7/manager")
                let output = try await host.run(script, shell: shell).output
                let answer = try #require(BootProbe.answer(Array(output.utf8)))
                #expect(answer == (boot, isRestarted), "\(shell)")
            }
        }
    }

    @Test func `the first owner has the lease until it is given back, whatever its name is`() async throws {
        let (mine, theirs) = ("rollout 1, o'hara's", "rollout 1, $HOME")
        let steps = [
            LeaseShell.take(owner: mine), LeaseShell.take(owner: theirs), LeaseShell.release(owner: theirs),
            LeaseShell.take(owner: theirs), LeaseShell.release(owner: mine), LeaseShell.take(owner: theirs),
        ]
        let script = steps.flatMap { Array("(\n".utf8) + $0.bytes + Array("\n)\n".utf8) }
        for shell in ScriptHost.shells {
            let answer = try await ScriptHost().run(script, shell: shell)
            let owners = answer.output.split(separator: "\n").map(String.init)
            #expect(owners == [mine, mine, mine, theirs], "\(shell)")
            #expect(answer.stderr == "")
        }
    }

    @Test func `a lease that cannot be taken or read is no lease`() async throws {
        let host = ScriptHost(setup: "mkdir -p /run/ebb/lease")
        for shell in ScriptHost.shells {
            for script in [LeaseShell.take(owner: "me"), LeaseShell.release(owner: "me")] {
                let answer = try await host.run(script.bytes, shell: shell)
                #expect(answer.status != 0 && answer.output == "", "\(shell)")
            }
        }
    }
}
