package import EbbModel
import NIOCore
import NIOPosix

/// The configuration that `curl --config -` reads: its arguments would be seen by every user of the
/// machine, its standard input is not.
///
/// https://curl.se/docs/manpage.html#-K
enum CurlConfiguration {
    /// One option with its value, quoted as curl reads it back.
    static func line(_ option: String, _ value: String) -> String {
        "\(option) = \(PrintableText.quoted(value) { $0 == "\r" ? "\\r" : nil })\n"
    }
}

/// Makes a check of a rebooted host from the controller.
package enum HealthProbe {
    /// Why the check fails; `nil` where it passes.
    package static func problem(_ check: OutsideCheck, of host: ConnectionSettings, within limit: Duration) async
        -> String?
    {
        let problem =
            switch check {
            case .tcp(let address, let port): await unreachable(address ?? host.address, port, within: limit)
            case .http(let url, let status): await unanswered(url, status, within: limit)
            }
        return problem.map { "\(check): \($0)" }
    }

    private static func unreachable(_ address: String, _ port: Int, within limit: Duration) async -> String? {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(
                .seconds(limit.components.seconds)
            ).connect(host: address, port: port).get()
            try? await channel.close()
            return nil
        } catch { return "no connection to \(PrintableText.line(address))" }
    }

    private static func unanswered(_ url: String, _ status: Int?, within limit: Duration) async -> String? {
        let curl = Program(
            "curl",
            [
                "--disable", "--silent", "--show-error", "--output", "/dev/null", "--max-time",
                String(max(1, limit.components.seconds)), "--proto", "=http,https", "--write-out", "%{http_code}",
                "--config", "-",
            ],
            // The URL may hold a secret: standard input is seen by nobody else.
            input: Array(CurlConfiguration.line("url", url).utf8), limit: limit + .seconds(2))
        do throws(ProgramFailure) {
            let ended = try await curl.run()
            let code = Int(String(decoding: ended.output, as: UTF8.self)) ?? 0
            guard ended.isSuccess, code > 0 else { return ended.lastLine.isEmpty ? "no answer" : ended.lastLine }
            let isGood = status.map { $0 == code } ?? (200..<400).contains(code)
            return isGood ? nil : "answered \(code)"
        } catch { return error.message }
    }
}
