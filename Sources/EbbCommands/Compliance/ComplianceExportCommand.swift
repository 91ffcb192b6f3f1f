package import ArgumentParser
import EbbModel
import EbbReport
import FoundationEssentials

/// `ebb compliance export`: the compliance of a fleet as a document.
package struct ComplianceExportCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes the compliance of the fleet as a document.",
        discussion: """
            Formats: json, ndjson, csv (one row per host), findings-csv, markdown, html (one file, \
            no scripts), junit, metrics (Prometheus text), sarif, oscal.
            """)

    @Argument(help: "Which hosts; an Ansible pattern.")
    var pattern = "all"

    @Option(
        help: ArgumentHelp(
            "Judge what was known at this time (RFC 3339) instead of now.", valueName: "time"))
    var asOf: String?

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        var instant: Date?
        if let asOf {
            guard let date = try? Date(asOf, strategy: .iso8601) else {
                throw Failure(
                    .usage, "\(asOf) is no time", hint: "such as 2026-11-30T12:00:00Z")
            }
            instant = date
        }
        guard let format = ComplianceFormat(rawValue: options.format.rawValue) else {
            throw Failure(.usage, "an export has no format \(options.format.rawValue)")
        }
        let fleet = try await Fleet.load(options, pattern: pattern)
        let report = try await ComplianceSurvey(fleet: fleet).report(asOf: instant)
        try options.results.write(report.rendered(as: format))
        try report.exitStatus.leave()
    }
}
