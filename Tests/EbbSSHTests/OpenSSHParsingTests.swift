import EbbModel
import EbbTransport
import Testing

@testable import EbbSSH

struct OpenSSHParsingTests {
    @Test func `a frame's sentences are found however the bytes are cut`() {
        let word = "0123456789abcdef"
        let all = Array("before\(word),own text\(word)7.after".utf8)
        for size in 1...all.count {
            var frame = CommandFrame(word: word)
            var text: [UInt8] = []
            var started = false
            var status: Int32?
            for start in stride(from: 0, to: all.count, by: size) {
                let found = frame.take(Array(all[start..<min(start + size, all.count)]))
                text += found.text
                started = started || found.hasStarted
                status = found.status ?? status
            }
            text += frame.finish()
            #expect(String(decoding: text, as: UTF8.self) == "beforeown textafter", "\(size)")
            #expect(started)
            #expect(status == 7)
        }
    }

    @Test func `settings that no configuration can hold are refused`() throws {
        let host = try HostName("db1")
        for address in ["a b\"", "-oProxyCommand=x", "x\nProxyCommand y", ""] {
            let settings = ConnectionSettings(host: host, address: address)
            #expect(throws: OpenSSHConfiguration.Unusable.self) {
                try OpenSSHConfiguration(settings, knownHosts: "none")
            }
        }
    }
}

struct BecomeProblemTests {
    private func problem(_ error: String, method: Become.Method = .sudo, output: String = "") throws -> TransportError?
    {
        CommandOutput(end: .exited(1), standardOutput: Array(output.utf8), standardError: Array(error.utf8))
            .becomeProblem(Become(method: method), host: try HostName("db1"))
    }

    @Test func `what sudo and doas complain of is explained`() throws {
        let cases: [(String, Become.Method, String)] = [
            ("sudo: a password is required\n", .sudo, "ansible_become_password"),
            ("sudo: sorry, you must have a tty to run sudo\n", .sudo, "requiretty"),
            ("ops is not in the sudoers file.\nsudo: no\n", .sudo, "sudoers does not name"),
            ("sh: 1: sudo: not found\n", .sudo, "not installed"), ("doas: Authorization required\n", .doas, "nopass"),
        ]
        for (text, method, cure) in cases {
            let error = try problem(text, method: method)
            #expect(error?.code == .becomeFailed, "\(text)")
            #expect(error?.message.contains(cure) == true, "\(text)")
        }
        #expect(try problem("sudo: a password is required\n", output: "data") == nil)
        #expect(try problem("something else\n") == nil)
    }
}
