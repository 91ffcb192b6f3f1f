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

    init(asking settings: HostSettings, _ request: CommandRequest, _ engine: Engine) async {
        host = settings.host
        let become = settings.connection.become
        do throws(TransportError) {
            let output = try await engine.transport.withConnection(
                to: settings.connection, timeout: engine.limits.connect
            ) { connection throws(TransportError) in
                let output = try await connection.run(request.becoming(become), limit: 1 << 20)
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
        return error?.code.isBeforeCommand == false ? .indeterminate : .unreachable
    }
}

/// The answers of all hosts.
struct CommandReport: Sendable {
    let answers: [CommandAnswer]

    /// 4 when a host's answer is not known, else 3 when the command failed somewhere, else 0.
    var exitStatus: ExitStatus {
        answers.reduce(.success) { status, answer in
            switch answer.outcome {
            case .ok, .changed, .skipped: status
            case .failed: status.merged(with: .findings)
            case .unreachable, .indeterminate: status.merged(with: .incomplete)
            }
        }
    }

    /// The document `ebb.run/1`.
    var json: JSON { ["schema": "ebb.run/1", "hosts": .array(records)] }

    var records: [JSON] {
        answers.map { answer in
            var status: JSON = nil
            var signal: JSON = nil
            switch answer.output?.end {
            case .exited(let code): status = .count(code)
            case .signalled(let name): signal = .string(name)
            case nil: break
            }
            return [
                "host": .string(answer.host.text),
                "outcome": .string(answer.outcome.rawValue),
                "exitStatus": status,
                "signal": signal,
                "stdout": Self.text(answer.output?.standardOutput),
                "stderr": Self.text(answer.output?.standardError),
                "droppedBytes": .count(answer.output?.droppedBytes ?? 0),
                "error": .optional(answer.error) { error in
                    ["code": .string(error.code.rawValue), "message": .string(error.message)]
                },
            ]
        }
    }

    /// Equal answers once, under the names of their hosts.
    func text(colour: Bool) -> String {
        var order: [String] = []
        var hosts: [String: [HostName]] = [:]
        for answer in answers {
            let key = Self.shown(answer)
            if hosts[key] == nil { order.append(key) }
            hosts[key, default: []].append(answer.host)
        }
        return order.map { key in
            let names = HostFold.folded(hosts[key] ?? [])
            return TextRole.heading.paint("── \(names)", colour: colour) + "\n" + key
        }.joined()
    }

    private static func text(_ bytes: [UInt8]?) -> JSON {
        .optional(bytes) { .string(String(decoding: $0, as: UTF8.self)) }
    }

    private static func shown(_ answer: CommandAnswer) -> String {
        guard let output = answer.output else {
            return "\(answer.outcome.rawValue): \(answer.error?.message ?? "")\n"
        }
        var text = PrintableText.block(output.standardOutput)
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        let said = PrintableText.block(output.standardError)
        for line in said.split(separator: "\n") { text += "stderr: \(line)\n" }
        switch output.end {
        case .exited(0): break
        case .exited(let status): text += "exit status \(status)\n"
        case .signalled(let name): text += "killed by SIG\(name)\n"
        }
        if output.droppedBytes > 0 { text += "\(output.droppedBytes) further bytes were dropped\n" }
        return text
    }
}
