package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbStore

/// `ebb persistence verify`: whether each declared path really is kept, as the host looks now.
package struct PersistenceVerifyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Asks the hosts whether what is declared is in effect.",
        discussion: "Exit status 3 when something is not in effect, 4 when it is not known.")

    @Argument(help: "Which hosts; an Ansible pattern.")
    var pattern = "all"

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let engine = try await fleet.engine()
        let looks = try await engine.each(fleet.selected) { settings throws(StoreError) in
            try await engine.observe(settings, kind: .drift)
        }
        let unknown = options.notes.problems(looks.failed)
        let hosts = looks.done.map { ($0, $0.transportError == nil) }
        switch format {
        case .json:
            try options.results.write([
                "schema": "ebb.persistence.verify/1",
                "hosts": .array(
                    hosts.map { look, isKnown in
                        [
                            "host": .string(look.settings.host.text),
                            "outcome": .string(
                                (isKnown ? Outcome.ok : .unreachable).rawValue),
                            "declared": .array(isKnown ? look.declared.map(\.json) : []),
                            "gaps": .array(look.observation.gaps.map(\.json)),
                        ]
                    }),
            ])
        default: try options.results.write(Self.table(hosts))
        }
        try Self.status(hosts).merged(with: unknown).leave()
    }

    private static func table(_ hosts: [(look: HostLook, isKnown: Bool)]) -> TextTable {
        var table = TextTable([
            .init("HOST"), .init("PATH", shrinks: true), .init("STATE"),
            .init("WHY", shrinks: true),
        ])
        for (look, isKnown) in hosts {
            let name = TextTable.Cell(look.settings.host.text, .emphasis)
            guard isKnown else {
                table.add([
                    name, .init("?"), .init("unknown", .warning),
                    .init(look.observation.gaps.first?.message ?? ""),
                ])
                continue
            }
            for finding in look.declared {
                let role: TextRole =
                    switch finding.verdict {
                    case .inEffect: .good
                    case .unknown: .warning
                    case .leaked, .missing, .wrongAttributes: .bad
                    }
                table.add([
                    name, .init(finding.entry.path), .init(finding.verdict.rawValue, role),
                    .init(finding.reason),
                ])
            }
        }
        return table
    }

    private static func status(_ hosts: [(look: HostLook, isKnown: Bool)]) -> ExitStatus {
        hosts.reduce(ExitStatus.success) { status, host in
            guard host.isKnown else { return status.merged(with: .incomplete) }
            return host.look.declared.reduce(status) { status, finding in
                switch finding.verdict {
                case .inEffect: status
                case .unknown: status.merged(with: .incomplete)
                case .leaked, .missing, .wrongAttributes: status.merged(with: .findings)
                }
            }
        }
    }
}
