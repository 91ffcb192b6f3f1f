import EbbModel
import EbbReport

/// The answers of all hosts.
struct CommandReport: Sendable {
    let answers: [CommandAnswer]
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
        [
            "schema": "ebb.run/1", "interrupted": .bool(isInterrupted),
            "hosts": .array(answers.map(\.record)),
        ]
    }

    /// Equal answers once, under the names of their hosts.
    func text(color: Bool) -> String { Self.folded(answers, color: color) { $0.text() } }

    /// How the command ended where that was not well; the output has been shown.
    func endings(color: Bool) -> String {
        Self.folded(answers.filter { $0.outcome != .ok }, color: color) {
            $0.text(withOutput: false)
        }
    }

    private static func folded(
        _ answers: [CommandAnswer], color: Bool, _ text: (CommandAnswer) -> String
    ) -> String {
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
