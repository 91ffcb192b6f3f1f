import EbbModel
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization
import Testing

@testable import EbbSSH

extension RealServerTests {
    /// Logins with a password, where the inventory asks for them.
    @Suite struct PasswordTests {
        /// The password that `SSHServer.passwords` gives to root, and only that server knows.
        private static let right = SSHServer.password

        private static let ways: [(name: String, options: [String])] = [
            ("password", ["PasswordAuthentication yes"]),
            ("keyboard-interactive", ["UsePAM yes", "KbdInteractiveAuthentication yes", "PasswordAuthentication no"]),
        ]

        @Test(arguments: Subject.allCases) func `a password logs in, whichever way the host asks for it`(
            _ subject: Subject
        ) async throws {
            for way in Self.ways {
                try await SSHServer.with(options: way.options, hasPassword: true) { server in
                    var settings = try server.settings()
                    settings.identityFiles = [try await server.makeKey("stranger")]
                    settings.identitiesOnly = true
                    settings.password = .given(Secret(Self.right))
                    let request = script("tr '\\0' '\\n' </proc/$PPID/cmdline; exit 7")
                    let output = try await subject.run(request, settings)
                    #expect(output.end == .exited(7), "\(way.name)")

                    settings.password = .given(Secret("wrong"))
                    let error = await subject.failure(script("exit 0"), settings)
                    #expect(error?.code == .authenticationFailed, "\(way.name)")
                    #expect(error?.phase == .authenticate, "\(way.name)")
                    #expect(error.map { "\($0)".contains("wrong") } == false)
                }
            }
        }

        @Test(arguments: Subject.allCases) func `a key and then a password are given where the host wants both`(
            _ subject: Subject
        ) async throws {
            let options = ["PasswordAuthentication yes", "AuthenticationMethods publickey,password"]
            try await SSHServer.with(options: options, hasPassword: true) { server in
                var settings = try server.settings()
                settings.password = .given(Secret(Self.right))
                #expect(try await subject.run(script("exit 7"), settings).end == .exited(7))
                settings.password = nil
                let error = await subject.failure(script("exit 0"), settings)
                #expect(error?.code == .authenticationFailed)
            }
        }

        @Test func `a person is asked once for the password of a user`() async throws {
            try await SSHServer.with(options: Self.ways[0].options, hasPassword: true) { server in
                var settings = try server.settings()
                settings.identityFiles = ["/none"]
                settings.password = .asked
                let target = settings
                let questions = Mutex<[SecretQuestion]>([])
                let asking = AutoTransport(
                    libssh2: SSHTransport(agentSocket: nil) { question in
                        questions.withLock { $0.append(question) }
                        return Secret(Self.right)
                    })
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask { try await asking.withConnection(to: target, timeout: .seconds(30)) { _ in } }
                    }
                    try await group.waitForAll()
                }
                #expect(questions.withLock { $0 } == [.password(user: "root")])

                let mute = SSHTransport(agentSocket: nil)
                let error = await #expect(throws: TransportError.self) {
                    try await mute.withConnection(to: target, timeout: .seconds(30)) { _ in }
                }
                #expect(error?.message.contains("Nobody could be asked") == true)
            }
        }

        @Test func `a host that takes no password, or asks for more, is told as it is`() async throws {
            try await SSHServer.with { server in
                var settings = try server.settings()
                settings.identityFiles = ["/none"]
                settings.password = .given(Secret(Self.right))
                let error = await Subject.libssh2.failure(script("exit 0"), settings)
                #expect(error?.message.contains("takes no password") == true)
            }
        }

        @Test func `a password is for one host, whatever a prompt says`() async throws {
            func settings(_ address: String, _ password: String) throws -> ConnectionSettings {
                ConnectionSettings(host: try HostName("host"), address: address, password: .given(Secret(password)))
            }
            var target = try settings("10.0.0.10", "ten")
            target.jumps = [try settings("10.0.0.1", "one")]
            let answers = PasswordAnswers(target)
            try await withScratchDirectory { directory in
                let program = directory + "/answer"
                try answers.script.write(toFile: program, atomically: true, encoding: .utf8)
                chmod(program, 0o700)
                for (prompt, hop, answer) in [
                    ("root@10.0.0.1's password: ", "ebb-jump-0", "one\n"),
                    ("root@10.0.0.10's password: ", "ebb-target", "ten\n"),
                    ("(root@10.0.0.10) root@10.0.0.1's password:", "ebb-target", "ten\n"),
                    ("root@10.0.0.1's password: ", "ebb-jump-1", ""),
                    ("Enter passphrase for key '/root/.ssh/id_ed25519': ", "ebb-target", ""),
                ] {
                    // A shell in place of the `ssh` that asks: it shows the same last argument.
                    let output = try await run(
                        .name("sh"), arguments: ["-c", #""$1" "$2"; exit 0"#, "sh", program, prompt, hop],
                        environment: answers.environment(program: program), output: .string(limit: 100))
                    #expect(output.standardOutput == answer, "\(prompt) \(hop)")
                }
            }
        }

        @Test(arguments: Subject.allCases) func `each host on the way gets its own password`(_ subject: Subject)
            async throws
        {
            let options = ["PasswordAuthentication yes"]
            try await SSHServer.with(options: options, hasPassword: true) { jump in
                try await SSHServer.with { target in
                    var first = try jump.settings(host: "jump")
                    first.identityFiles = ["/none"]
                    first.password = .given(Secret(Self.right))
                    var settings = try target.settings()
                    settings.jumps = [first]
                    #expect(try await subject.run(script("exit 7"), settings).end == .exited(7))
                }
            }
        }
    }
}
