import EbbModel
import EbbReport
import EbbStore

/// How a playbook went: one entry for each step, and in it one for each host.
struct PlayReport: Sendable {
    /// How one host fared in one step.
    struct Host: Sendable {
        let host: HostName
        let outcome: Outcome
        /// One sentence for a person.
        let message: String

        init(_ host: HostName, _ outcome: Outcome, _ message: String = "") {
            self.host = host
            self.outcome = outcome
            self.message = message
        }

        /// Hosts of which the database kept nothing.
        static func unknown(_ failed: [(host: HostName, error: StoreError)]) -> [Host] {
            failed.map { Host($0.host, .indeterminate, $0.error.description) }
        }

        /// Whether the host goes on to the next step where failures are left out.
        var isWell: Bool {
            switch outcome {
            case .ok, .changed, .skipped: true
            case .failed, .unreachable, .indeterminate: false
            }
        }
    }

    /// One step.
    struct Step: Sendable {
        let name: String
        let action: String
        var hosts: [Host] = []
        /// Why the step was not begun.
        var notRun: String?
        /// The text of a report that is printed.
        var text: String?
        /// What a step came to that is about no host, such as a report.
        var status = ExitStatus.success
    }

    let name: String
    let isCheck: Bool
    var steps: [Step] = []
    /// Whether a step ended the playbook.
    var wasStopped = false

    /// 4 when a host's end is not known, else 3 when a step failed somewhere, else 0.
    var exitStatus: ExitStatus {
        steps.reduce(.success) { status, step in
            step.hosts.reduce(status.merged(with: step.status)) { status, host in
                switch host.outcome {
                case .ok, .changed, .skipped: status
                case .failed: status.merged(with: .findings)
                case .unreachable, .indeterminate: status.merged(with: .incomplete)
                }
            }
        }
    }

    /// The document `ebb.play/1`.
    var json: JSON {
        [
            "schema": "ebb.play/1", "playbook": .string(name), "check": .bool(isCheck),
            "stopped": .bool(wasStopped), "exitStatus": .count(Int(exitStatus.rawValue)),
            "steps": .array(
                steps.map { step in
                    [
                        "name": .string(step.name), "action": .string(step.action),
                        "notRun": .optional(step.notRun), "text": .optional(step.text),
                        "hosts": .array(
                            step.hosts.map { host in
                                [
                                    "host": .string(host.host.text),
                                    "outcome": .string(host.outcome.rawValue),
                                    "message": .string(host.message),
                                ]
                            }),
                    ]
                }),
        ]
    }

    /// The recap for a person: a line for each step and host.
    func text(width: Int?, color: Bool) -> String {
        var table = TextTable([
            .init("STEP"), .init("HOST"), .init("OUTCOME"), .init("WHY", shrinks: true),
        ])
        for (index, step) in steps.enumerated() {
            let title = "\(index + 1) \(step.name)"
            if let reason = step.notRun {
                table.add([
                    .init(title, .emphasis), .init(""), .init("not run", .warning),
                    .init(reason),
                ])
                continue
            }
            for host in step.hosts {
                table.add([
                    .init(title, .emphasis), .init(host.host.text),
                    .init(host.outcome.rawValue, Self.role(host.outcome)), .init(host.message),
                ])
            }
            if step.hosts.isEmpty {
                table.add([
                    .init(title, .emphasis), .init(""),
                    .init(
                        step.status == .success ? "ok" : "status \(step.status.rawValue)",
                        step.status == .success ? .good : .warning), .init(""),
                ])
            }
        }
        let summary = isCheck ? "check of “\(name)”: nothing was changed" : "“\(name)” "
        let end = isCheck ? "" : wasStopped ? "was stopped" : "came to its end"
        return table.rendered(width: width, color: color) + "\n" + PrintableText.line(summary)
            + end + "\n"
    }

    private static func role(_ outcome: Outcome) -> TextRole {
        switch outcome {
        case .ok, .changed: .good
        case .failed: .bad
        case .unreachable, .indeterminate: .warning
        case .skipped: .muted
        }
    }
}
