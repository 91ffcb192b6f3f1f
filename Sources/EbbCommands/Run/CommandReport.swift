import EbbEngine
import EbbModel
import EbbReport
import EbbTransport

/// The answers of all hosts.
struct CommandReport: Sendable {
    let answers: [HostCommand]
    /// Whether somebody ended it before every host had answered.
    var isInterrupted = false

    /// 130 when somebody ended it, 4 when a host's answer is not known, else 3 when the command failed
    /// somewhere, else 0.
    var exitStatus: ExitStatus {
        if isInterrupted { return .interrupted }
        return answers.reduce(.success) { status, answer in
            switch answer.outcome {
            case .ok, .changed, .skipped: status
            case .failed: status.merged(with: .findings)
            case .unreachable, .indeterminate: status.merged(with: .incomplete)
            }
        }
    }

    /// The document `ebb.run/1`.
    var json: JSON {
        ["schema": "ebb.run/1", "interrupted": .bool(isInterrupted), "hosts": .array(answers.map(\.record))]
    }

    /// Equal answers once, under the names of their hosts.
    func text(color: Bool) -> String { Self.folded(answers, color: color) { $0.text() } }

    /// How the command ended where that was not well; the output has been shown.
    func endings(color: Bool) -> String {
        Self.folded(answers.filter { $0.outcome != .ok }, color: color) { $0.text(withOutput: false) }
    }

    private static func folded(_ answers: [HostCommand], color: Bool, _ text: (HostCommand) -> String) -> String {
        var order: [String] = []
        var hosts: [String: [HostName]] = [:]
        for answer in answers {
            let key = text(answer)
            if hosts[key] == nil { order.append(key) }
            hosts[key, default: []].append(answer.host)
        }
        return order.map { key in
            let names = HostFold.folded(hosts[key] ?? [])
            return TextRole.heading.paint("── \(names)", color: color) + "\n" + key
        }.joined()
    }
}

extension HostCommand {
    /// What the host said, and how it ended unless that was well; lines end with a newline.
    func text(withOutput: Bool = true) -> String {
        guard let output else { return "\(outcome.rawValue): \(error?.message ?? "")\n" }
        var text = ""
        if withOutput {
            text = PrintableText.block(output.standardOutput)
            if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
            let stderr = PrintableText.block(output.standardError)
            for line in stderr.split(separator: "\n") { text += "stderr: \(line)\n" }
        }
        if !ending.isEmpty { text += ending + "\n" }
        if withOutput, output.droppedBytes > 0 { text += "\(output.droppedBytes) further bytes were dropped\n" }
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
            "host": .string(host.text), "outcome": .string(outcome.rawValue), "exitStatus": status, "signal": signal,
            "stdout": Self.text(output?.standardOutput), "stderr": Self.text(output?.standardError),
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
