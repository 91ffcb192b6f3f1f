import Subprocess

/// A host of its own for one run of a script.
///
/// It is a mount namespace with an empty `/run` and programs that answer as a test wants, in which a
/// real shell reads the script. Nothing of it is left behind.
package struct ScriptHost: Sendable {
    /// What a run printed, and its status.
    package struct Answer: Sendable, Hashable {
        package let output: String
        package let stderr: String
        package let status: Int32

        package init(output: String = "", stderr: String = "", status: Int32 = 0) {
            self.output = output
            self.stderr = stderr
            self.status = status
        }
    }

    /// The shells that hosts may have as `sh`.
    package static let shells = [["dash"], ["bash", "--posix"], ["busybox", "sh"]]

    private let programs: KeyValuePairs<String, String>
    private let setup: String

    /// `programs` are names with what they do, as shell; `setup` is shell that runs ahead of the script.
    package init(programs: KeyValuePairs<String, String> = [:], setup: String = ":") {
        self.programs = programs
        self.setup = setup
    }

    /// Runs a script in one of `shells`.
    package func run(_ script: [UInt8], shell: [String]) async throws -> Answer {
        var frame = """
            mount --make-rprivate / && mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/programs || exit 99
            mkdir -p /run/systemd/system

            """
        for (name, text) in programs { frame += "cat >/run/programs/\(name) <<'EBB'\n#!/bin/sh\n\(text)\nEBB\n" }
        frame += """
            chmod -R 755 /run/programs
            PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin LC_ALL=C
            export PATH LC_ALL
            \(setup)
            PATH=/run/programs:$PATH
            exec \(shell.joined(separator: " ")) -s
            """
        let result = try await Subprocess.run(
            .name("unshare"), arguments: ["-m", "sh", "-c", frame], input: .array(script),
            output: .bytes(limit: 1 << 20), error: .string(limit: 1 << 16))
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): Int32(code)
            default: -1
            }
        return Answer(
            output: String(decoding: result.standardOutput, as: UTF8.self), stderr: result.standardError, status: status
        )
    }
}
