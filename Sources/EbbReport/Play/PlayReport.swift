package import EbbModel

/// How a playbook went: one entry for each step, and in it one for each host.
package struct PlayReport: Sendable {
    /// How one host fared in one step.
    package struct Host: Sendable {
        package let host: HostName
        package let outcome: Outcome
        /// One sentence for a person.
        package let message: String

        package init(_ host: HostName, _ outcome: Outcome, _ message: String = "") {
            (self.host, self.outcome, self.message) = (host, outcome, message)
        }

        /// Whether the host goes on to the next step where failures are left out.
        package var isWell: Bool {
            switch outcome {
            case .ok, .changed, .skipped: true
            case .failed, .unreachable, .indeterminate: false
            }
        }
    }

    /// One step.
    package struct Step: Sendable {
        let name: String
        let action: String
        package var hosts: [Host] = []
        /// Why the step was not begun.
        package var notRun: String?
        /// The text of a report that is printed.
        package var text: String?
        /// What a step came to that is about no host, such as a report.
        package var status = ExitStatus.success

        package init(name: String, action: String) { (self.name, self.action) = (name, action) }
    }

    let name: String
    let isCheck: Bool
    package var steps: [Step] = []
    /// Whether a step ended the playbook.
    package var wasStopped = false
    /// Whether a person ended it.
    package var isInterrupted = false

    package init(name: String, isCheck: Bool) { (self.name, self.isCheck) = (name, isCheck) }

    /// 130 when a person ended it, 4 when a host's end is not known, else 3 when a step failed
    /// somewhere, else 0.
    package var exitStatus: ExitStatus {
        steps.reduce(isInterrupted ? .interrupted : .success) { status, step in
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
    package var json: JSON {
        [
            "schema": "ebb.play/1", "playbook": .string(name), "check": .bool(isCheck), "stopped": .bool(wasStopped),
            "exitStatus": .count(Int(exitStatus.rawValue)),
            "steps": .array(
                steps.map { step in
                    [
                        "name": .string(step.name), "action": .string(step.action), "notRun": .optional(step.notRun),
                        "text": .optional(step.text),
                        "hosts": .array(
                            step.hosts.map { host in
                                [
                                    "host": .string(host.host.text), "outcome": .string(host.outcome.rawValue),
                                    "message": .string(host.message),
                                ]
                            }),
                    ]
                }),
        ]
    }

    /// The recap for a person: a line for each step and host.
    package func text(width: Int?, color: Bool) -> String {
        var table = TextTable([.init("STEP"), .init("HOST"), .init("OUTCOME"), .init("WHY", shrinks: true)])
        for (index, step) in steps.enumerated() {
            let title = "\(index + 1) \(step.name)"
            if let reason = step.notRun {
                table.add([.init(title, .emphasis), .init(""), .init("not run", .warning), .init(reason)])
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
        return table.rendered(width: width, color: color) + "\n" + PrintableText.line(summary) + end + "\n"
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
