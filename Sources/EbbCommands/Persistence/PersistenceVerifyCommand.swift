package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbStore

/// `ebb persistence verify`: whether each declared path really is kept, as the host is now.
package struct PersistenceVerifyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Asks the hosts whether what is declared is in effect.",
        discussion: "Exit status 3 when something is not in effect, 4 when it is not known."
    ).example("ebb persistence verify web")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let engine = try await fleet.engine()
        let seen = try await engine.each(fleet.selected) { settings throws(StoreError) in
            try await engine.observe(settings, kind: .drift)
        }
        let unknown = options.notes.problems(seen.failed)
        let hosts = seen.done
        switch format {
        case .json:
            try options.results.write([
                "schema": "ebb.persistence.verify/1",
                "hosts": .array(
                    hosts.map { host in
                        [
                            "host": .string(host.settings.host.text),
                            "outcome": .string((host.isKnown ? Outcome.ok : .unreachable).rawValue),
                            "declared": .array(host.known.map(\.json)),
                            "gaps": .array(host.observation.gaps.map(\.json)),
                        ]
                    }),
            ])
        default: try options.results.write(Self.table(hosts))
        }
        try Self.status(hosts).merged(with: unknown).leave()
    }

    private static func table(_ hosts: [HostObservation]) -> TextTable {
        var table = TextTable([
            .init("HOST"), .init("PATH", shrinks: true), .init("STATE"), .init("WHY", shrinks: true),
        ])
        for host in hosts {
            let name = TextTable.Cell(host.settings.host.text, .emphasis)
            guard host.isKnown else {
                table.add([
                    name, .init("?"), .init("unknown", .warning), .init(host.observation.gaps.first?.message ?? ""),
                ])
                continue
            }
            for finding in host.known {
                let role: TextRole =
                    switch finding.verdict {
                    case .inEffect: .good
                    case .unknown: .warning
                    case .leaked, .missing, .wrongAttributes: .bad
                    }
                table.add([
                    name, .init(finding.entry.path), .init(finding.verdict.rawValue, role), .init(finding.reason),
                ])
            }
        }
        return table
    }

    private static func status(_ hosts: [HostObservation]) -> ExitStatus {
        hosts.reduce(ExitStatus.success) { status, host in
            guard host.isKnown else { return status.merged(with: .incomplete) }
            return host.known.reduce(status) { status, finding in
                switch finding.verdict {
                case .inEffect: status
                case .unknown: status.merged(with: .incomplete)
                case .leaked, .missing, .wrongAttributes: status.merged(with: .findings)
                }
            }
        }
    }
}

extension HostObservation {
    fileprivate var isKnown: Bool { transportError == nil }

    /// The declared paths of which the host said something.
    fileprivate var known: [DeclaredFinding] { isKnown ? declared : [] }
}
