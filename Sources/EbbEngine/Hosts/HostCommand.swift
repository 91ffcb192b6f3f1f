package import EbbModel
package import EbbTransport

/// What became of a command on one host.
package struct HostCommand: Sendable {
    package let host: HostName
    /// What it did; `nil` when that is not known.
    package let output: CommandOutput?
    /// Why it is not known.
    package let error: TransportError?

    /// How the host fared; a command that succeeded counts as `ok`, whatever it changed.
    package var outcome: Outcome {
        if let output { return output.end.isSuccess ? .ok : .failed }
        guard let error, !error.code.isBeforeCommand else { return .unreachable }
        if error.code == .cancelled, error.phase.isBeforeCommand { return .skipped }
        return .indeterminate
    }

    /// How it ended, unless that was well.
    package var ending: String {
        switch output?.end {
        case .exited(0), nil: ""
        case .exited(let code): "exit status \(code)"
        case .signalled(let name): "killed by SIG\(name)"
        }
    }

    /// One sentence for a report: how it failed, and the last line that it printed.
    package var sentence: String {
        guard let output else { return error?.message ?? "" }
        let bytes = output.end.isSuccess ? output.standardOutput : output.standardError
        let last = PrintableText.block(bytes).split(separator: "\n").last.map(String.init) ?? ""
        return [ending, String(last.prefix(200))].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}

extension Engine {
    /// Runs a command on one host, as root; `watch` sees its output as it arrives.
    package func run(
        _ request: CommandRequest, on settings: HostSettings,
        watch: @escaping @Sendable (OutputChunk) -> Void = { _ in }
    ) async -> HostCommand {
        let become = settings.connection.become
        do throws(TransportError) {
            let output = try await transport.withConnection(to: settings.connection, timeout: limits.connect) {
                connection throws(TransportError) in
                let output = try await connection.run(request.becoming(become), limit: 1 << 20, watch: watch)
                if let problem = output.becomeProblem(become, host: connection.host) { throw problem }
                return output
            }
            return HostCommand(host: settings.host, output: output, error: nil)
        } catch { return HostCommand(host: settings.host, output: nil, error: error) }
    }
}
