import EbbEngine
import EbbModel
import EbbReport
import EbbTransport

/// What became of a command on one host.
struct CommandAnswer: Sendable {
    let host: HostName
    /// What it did; `nil` when that is not known.
    let output: CommandOutput?
    /// Why it is not known.
    let error: TransportError?

    /// Asks one host; `watch` sees its output as it arrives.
    init(
        asking settings: HostSettings, _ request: CommandRequest, _ engine: Engine,
        watch: @escaping @Sendable (OutputChunk) -> Void = { _ in }
    ) async {
        host = settings.host
        let become = settings.connection.become
        do throws(TransportError) {
            let output = try await engine.transport.withConnection(
                to: settings.connection, timeout: engine.limits.connect
            ) { connection throws(TransportError) in
                let output = try await connection.run(
                    request.becoming(become), limit: 1 << 20, watch: watch)
                if let problem = output.becomeProblem(become, host: connection.host) {
                    throw problem
                }
                return output
            }
            self.output = output
            error = nil
        } catch {
            output = nil
            self.error = error
        }
    }

    var outcome: Outcome {
        if let output { return output.end.isSuccess ? .ok : .failed }
        guard let error, !error.code.isBeforeCommand else { return .unreachable }
        if error.code == .cancelled, error.phase.isBeforeCommand { return .skipped }
        return .indeterminate
    }

    /// What the host said, and how it ended unless that was well; lines end with a newline.
    func text(withOutput: Bool = true) -> String {
        guard let output else { return "\(outcome.rawValue): \(error?.message ?? "")\n" }
        var text = ""
        if withOutput {
            text = PrintableText.block(output.standardOutput)
            if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
            let said = PrintableText.block(output.standardError)
            for line in said.split(separator: "\n") { text += "stderr: \(line)\n" }
        }
        switch output.end {
        case .exited(0): break
        case .exited(let status): text += "exit status \(status)\n"
        case .signalled(let name): text += "killed by SIG\(name)\n"
        }
        if withOutput, output.droppedBytes > 0 {
            text += "\(output.droppedBytes) further bytes were dropped\n"
        }
        return text
    }

    /// The answer as JSON.
    var record: JSON {
        var status: JSON = nil
        var signal: JSON = nil
        switch output?.end {
        case .exited(let code): status = .count(code)
        case .signalled(let name): signal = .string(name)
        case nil: break
        }
        return [
            "host": .string(host.text),
            "outcome": .string(outcome.rawValue),
            "exitStatus": status,
            "signal": signal,
            "stdout": Self.text(output?.standardOutput),
            "stderr": Self.text(output?.standardError),
            "droppedBytes": .count(output?.droppedBytes ?? 0),
            "error": .optional(error) { error in
                ["code": .string(error.code.rawValue), "message": .string(error.message)]
            },
        ]
    }

    private static func text(_ bytes: [UInt8]?) -> JSON {
        .optional(bytes) { .string(String(decoding: $0, as: UTF8.self)) }
    }
}
