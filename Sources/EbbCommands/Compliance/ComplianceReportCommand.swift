package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport

/// `ebb compliance report`: the verdict on each host, for a person.
package struct ComplianceReportCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Shows each host's verdict and what it rests on.",
        discussion: """
            Judges what is stored; asks no host. Exit status 3 when a host is non-compliant, 4 when \
            one is stale, unreachable or unknown.
            """
    ).example("ebb compliance report web")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let report = try await fleet.store().complianceReport(of: fleet.selected, toolVersion: EbbCommand.version)
        let results = options.results
        try results.write(
            report.rendered(as: format == .json ? .json : .table, width: results.width, color: results.isColored))
        try report.exitStatus.leave()
    }
}
