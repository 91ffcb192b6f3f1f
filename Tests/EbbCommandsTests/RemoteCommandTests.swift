import EbbTestSupport
import Foundation
import Subprocess
import Testing

/// `ebb run` and `ebb doctor` against real servers.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RemoteCommandTests {
    /// Writes an inventory of servers, each with more variables, and returns its path.
    private func inventory(_ hosts: [(name: String, server: SSHServer, more: String)]) throws -> String {
        let path = hosts[0].server.directory + "/hosts.yml"
        let lines = hosts.map { name, server, more in
            """
                \(name): {ansible_host: \(server.address), ansible_port: \(server.port), \
            ansible_user: root, ansible_ssh_private_key_file: \(server.userKey), \(more)}
            """
        }
        try ("all:\n  hosts:\n" + lines.joined(separator: "\n") + "\n").write(
            toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func pins(_ server: SSHServer, _ more: String = "") -> String {
        "ebb: {known_hosts: \(server.knownHosts)\(more)}"
    }

    private func ebb(_ server: SSHServer, _ inventory: String, _ arguments: String...) async throws -> BuiltTool.Answer
    {
        try await BuiltTool.run(
            arguments, in: server.directory,
            environment: ["EBB_INVENTORY": inventory, "EBB_DATABASE": server.directory + "/ebb.sqlite"])
    }

    /// The defaults of NixOS: no MAC that libssh2 1.10 knows.
    private static let nixos = [
        "Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,"
            + "aes256-ctr,aes192-ctr,aes128-ctr",
        "MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com",
        "KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256," + "curve25519-sha256@libssh.org",
    ]

    @Test func `a host with the defaults of NixOS is reached, or told as doctor tells it`() async throws {
        try await SSHServer.with(options: Self.nixos) { server in
            let list = try inventory([
                ("auto", server, pins(server)), ("plain", server, pins(server, ", connection: libssh2")),
            ])
            let auto = try await ebb(server, list, "run", "auto", "--", "echo", "here")
            #expect(auto.status == 0, "\(auto)")
            #expect(auto.output.contains("here\n"))

            let plain = try await ebb(server, list, "run", "plain", "--", "true")
            let doctor = try await ebb(server, list, "doctor", "plain", "--format", "json")
            guard plain.status == 4 else {
                // A newer libssh2 needs no help.
                #expect(plain.status == 0 && auto.errors.isEmpty, "\(plain)")
                return
            }
            let sentence = try #require(
                plain.output.split(separator: "\n").last.map { $0.dropFirst("unreachable: ".count) })
            for part in ["hmac-sha2-512-etm", "connection: openssh", "1.11.1"] {
                #expect(sentence.contains(part), "\(sentence)")
            }
            #expect(doctor.output.contains(sentence), "\(sentence)\n\(doctor.output)")
            #expect(auto.errors.contains(sentence) && auto.errors.contains("using ssh instead"))
        }
    }

    @Test func `Ctrl-C ends the waiting and tells what is known`() async throws {
        try await SSHServer.with { server in
            let more = pins(server)
            let list = try inventory([("quick", server, more), ("slow", server, more)])
            let script = """
                cd "$1" && shift && ebb=$1 && shift
                "$ebb" run all --format ndjson -- sh -c 'echo $$ >>pids
                    mkdir first 2>/dev/null && exec echo done
                    exec sleep 60' >answers 2>said &
                until [ -s answers ]; do sleep 0.05; done
                until [ "$(wc -l <pids)" = 2 ]; do sleep 0.05; done
                kill -INT $!
                wait $!
                echo $?
                cat answers said
                """.replacing("pids", with: server.directory + "/pids").replacing(
                    "first", with: server.directory + "/first")
            let result = try await Subprocess.run(
                .name("bash"), arguments: ["-mc", script, "sh", server.directory, BuiltTool.path],
                environment: .inherit.updating([
                    "EBB_INVENTORY": list, "EBB_DATABASE": server.directory + "/ebb.sqlite",
                ]), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            let told = result.standardOutput
            #expect(told.hasPrefix("130\n"), "\(told)\(result.standardError)")
            #expect(told.contains(#""stdout":"done\n""#), "\(told)")
            #expect(told.contains(#""outcome":"indeterminate""#), "\(told)")
            #expect(told.contains("it may still be running"), "\(told)")
        }
    }

    @Test func `lines are shown as they arrive, behind the name of their host`() async throws {
        try await SSHServer.with { server in
            let more = pins(server)
            let list = try inventory([("one", server, more), ("two", server, more)])
            let answer = try await ebb(
                server, list, "run", "all", "--live", "--", "sh", "-c",
                "echo a; printf 'b\\033[2J'; echo lost >&2; exit 3")
            #expect(
                answer.output.split(separator: "\n").sorted() == [
                    "one: a", #"one: b\x1b[2J"#, "two: a", #"two: b\x1b[2J"#,
                ], "\(answer)")
            #expect(answer.errors.contains("one: lost\n") && answer.errors.contains("two: lost\n"))
            #expect(answer.errors.hasSuffix("── one,two\nexit status 3\n"), "\(answer)")
            #expect(answer.status == 3)
            let none = try await ebb(server, list, "run", "all", "--live", "--format", "json", "--", "true")
            #expect(none.status == 2)
        }
    }

    @Test func `a password is in no argument, no log and no database`() async throws {
        let options = ["PasswordAuthentication yes"]
        try await SSHServer.with(options: options, hasPassword: true) { server in
            let quoted = SSHServer.password.replacing("'", with: "''")
            let password = "ansible_password: '\(quoted)', "
            let list = try inventory([
                ("auto", server, password + pins(server)),
                ("ssh", server, password + pins(server, ", connection: openssh")),
            ])
            try await server.makeKey("stranger")
            let text = try String(contentsOfFile: list, encoding: .utf8)
            try text.replacing(server.userKey, with: server.directory + "/stranger").write(
                toFile: list, atomically: true, encoding: .utf8)
            // On this host every process of the controller is one of the host's own.
            let answer = try await ebb(
                server, list, "run", "all", "-vv", "--", "sh", "-c",
                """
                grep -al '[f]oam' /proc/[0-9]*/cmdline 2>/dev/null
                ! grep -qa 'ebb-targe[t]' /proc/[0-9]*/cmdline 2>/dev/null || echo looked
                """)
            #expect(answer.status == 0, "\(answer)")
            #expect(answer.output.contains("looked\n"), "\(answer)")
            #expect(!answer.output.contains("/proc/"), "\(answer)")
            let doctor = try await ebb(server, list, "doctor", "all", "-vv")
            let shown = try await ebb(server, list, "inventory", "show", "auto")
            var files: [Data] = []
            for name in ["ebb.sqlite", "ebb.sqlite-wal"] {
                if let data = FileManager.default.contents(atPath: "\(server.directory)/\(name)") { files.append(data) }
            }
            #expect(!files.isEmpty)
            let word = Data("foam".utf8)
            for text in [answer.output, answer.errors, doctor.output, doctor.errors, shown.output] {
                #expect(text.range(of: "foam") == nil)
            }
            for data in files { #expect(data.range(of: word) == nil) }
        }
    }
}
