import EbbModel
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Glibc
import Testing

extension RealServerTests {
    /// Commands that run as another user, with a password.
    @Suite struct BecomingTests {
        /// Speaks as `sudo -S` does: the real one would need accounts of this machine.
        private static let standIn = """
            #!/bin/sh
            [ "$1" = -S ] && [ "$2" = -p ] || exit 70
            prompt=$3
            shift 7
            cd "${0%/*}" || exit 70
            while [ ! -e ticket ]; do
                printf %s "$prompt" >&2
                IFS= read -r answer || { echo 'sudo: no password was provided' >&2; exit 1; }
                printf '%s\\n' "$answer" >>answers
                [ "$answer" != "right one" ] || break
                echo 'Sorry, try again.' >&2
            done
            exec "$@"

            """

        private func withSudo(_ body: (ConnectionSettings, _ directory: String) async throws -> Void) async throws {
            try await SSHServer.with(options: ["SetEnv PATH=%D:/usr/bin:/bin"]) { directory in
                try Self.standIn.write(toFile: directory + "/sudo", atomically: true, encoding: .utf8)
                chmod(directory + "/sudo", 0o755)
            } _: { server in
                try await body(try server.settings(), server.directory)
            }
        }

        private func become(_ password: String) -> Become { Become(password: Secret(password)) }

        @Test(arguments: Subject.allCases) func `a password is sent where it is asked for, and nowhere else`(
            _ subject: Subject
        ) async throws {
            try await withSudo { settings, directory in
                let request = CommandRequest(
                    RemoteCommand("sh", "-c", "cat; echo got $? >&2"), input: Array("line\n".utf8),
                    timeout: .seconds(120)
                ).becoming(become("right one"))
                let asked = try await subject.run(request, settings)
                #expect(asked.standardOutput == Array("line\n".utf8))
                #expect(asked.standardError == Array("got 0\n".utf8))
                let answers = directory + "/answers"
                #expect(try String(contentsOfFile: answers, encoding: .utf8) == "right one\n")

                // As with NOPASSWD, or with a ticket of a login a moment ago.
                _ = FileManager.default.createFile(atPath: directory + "/ticket", contents: nil)
                let silent = try await subject.run(request, settings)
                #expect(silent.end == .exited(0))
                #expect(silent.standardOutput == Array("line\n".utf8))
                #expect(silent.standardError == Array("got 0\n".utf8))
                #expect(try String(contentsOfFile: answers, encoding: .utf8) == "right one\n")
            }
        }

        @Test(arguments: Subject.allCases) func `a wrong password is offered once, and the script never`(
            _ subject: Subject
        ) async throws {
            try await withSudo { settings, directory in
                let become = become("wrong one")
                let output = try await subject.run(script("exit 0").becoming(become), settings)
                #expect(output.end == .exited(1))
                let problem = output.becomeProblem(become, host: settings.host)
                #expect(problem?.code == .becomeFailed)
                let answers = try String(contentsOfFile: directory + "/answers", encoding: .utf8)
                #expect(answers == "wrong one\n")
            }
        }

        @Test(arguments: Subject.allCases) func `a long command line passes a password too`(_ subject: Subject)
            async throws
        {
            try await withSudo { settings, _ in
                let text = String(repeating: "x", count: 60_000)
                let request = CommandRequest(
                    RemoteCommand("sh", "-c", "cat; printf %s \(text) | wc -c"), input: Array("in\n".utf8),
                    timeout: .seconds(120)
                ).becoming(become("right one"))
                let output = try await subject.run(request, settings)
                #expect(output.standardOutput == Array("in\n60000\n".utf8))
            }
        }
    }
}
