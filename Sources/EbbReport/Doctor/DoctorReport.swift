package import EbbModel

/// What `ebb doctor` found, host by host.
package struct DoctorReport: Sendable {
    package let hosts: [(host: HostName, checks: [DoctorCheck])]

    package init(hosts: [(host: HostName, checks: [DoctorCheck])]) { self.hosts = hosts }

    /// 4 when something is not known, else 3 when a check failed, else 0.
    ///
    /// A check that failed hides those after it, so a failure on the way to a host means 4.
    package var exitStatus: ExitStatus {
        hosts.flatMap(\.checks).reduce(.success) { status, check in
            switch check.state {
            case .passed: status
            case .failed: status.merged(with: .findings)
            case .unknown: status.merged(with: .incomplete)
            }
        }
    }

    /// The document `ebb.doctor/1`.
    package var json: JSON {
        [
            "schema": "ebb.doctor/1",
            "hosts": .array(
                hosts.map { host, checks in
                    [
                        "host": .string(host.text),
                        "checks": .array(checks.map(Self.json)),
                    ]
                }),
        ]
    }

    /// One line per host, and below it what is not well, with its cure.
    package func text(width: Int?, colour: Bool) -> String {
        var table = TextTable(
            [.init("HOST")] + DoctorCheck.Name.allCases.map { .init($0.rawValue.uppercased()) })
        for (host, checks) in hosts {
            table.add([.init(host.text, .emphasis)] + checks.map(Self.cell))
        }
        var text = table.rendered(width: width, colour: colour)
        for (host, checks) in hosts {
            for check in checks where check.state == .failed {
                let message = PrintableText.line(check.message)
                text += TextRole.bad.paint("\n\(host): \(check.name.rawValue): ", colour: colour)
                text += message + "\n"
                if let cure = check.cure { text += "  cure: \(cure)\n" }
            }
        }
        return text
    }

    private static func cell(_ check: DoctorCheck) -> TextTable.Cell {
        switch check.state {
        case .passed: .init("ok", .good)
        case .failed: .init("FAILED", .bad)
        case .unknown: .init("?", .warning)
        }
    }

    private static func json(_ check: DoctorCheck) -> JSON {
        [
            "check": .string(check.name.rawValue),
            "state": .string(check.state.rawValue),
            "message": .string(check.message),
            "cure": .optional(check.cure),
        ]
    }
}
