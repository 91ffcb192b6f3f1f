package import EbbModel
import NIOCore
import NIOPosix
import Subprocess

/// Checks one gate from the controller.
package enum HealthProbe {
    /// Why the gate is not met; `nil` when it is.
    package static func problem(
        _ gate: HealthGate, of host: ConnectionSettings, within limit: Duration
    ) async -> String? {
        switch gate {
        case .tcp(let address, let port):
            await unreachable(address ?? host.address, port, within: limit).map { "\(gate): \($0)" }
        case .http(let url, let status):
            await unanswered(url, status, within: limit).map { "\(gate): \($0)" }
        }
    }

    private static func unreachable(
        _ address: String, _ port: Int, within limit: Duration
    ) async -> String? {
        let milliseconds = limit.components.seconds * 1_000
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(milliseconds))
                .connect(host: address, port: port).get()
            try? await channel.close()
            return nil
        } catch {
            return "no connection to \(PrintableText.line(address))"
        }
    }

    private static func unanswered(
        _ url: String, _ status: Int?, within limit: Duration
    ) async -> String? {
        let seconds = String(max(1, limit.components.seconds))
        do {
            // The URL may hold a secret: standard input is seen by nobody else.
            let ended = try await Subprocess.run(
                .name("curl"),
                arguments: [
                    "--silent", "--show-error", "--output", "/dev/null", "--max-time", seconds,
                    "--write-out", "%{http_code}", "--config", "-",
                ],
                input: .string("url = \"\(escaped(url))\"\n"), output: .string(limit: 64),
                error: .string(limit: 4_096))
            let code = Int(ended.standardOutput) ?? 0
            guard code > 0 else {
                let said = PrintableText.line(ended.standardError)
                return said.isEmpty ? "no answer" : said
            }
            let isGood = status.map { $0 == code } ?? (200..<400).contains(code)
            return isGood ? nil : "answered \(code)"
        } catch {
            return "curl could not be run: \(error)"
        }
    }

    private static func escaped(_ url: String) -> String {
        url.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}
