package import ArgumentParser
import EbbEngine
import EbbLocal
import EbbModel
import EbbReport
import FoundationEssentials

/// `ebb compliance export`: the compliance of a fleet as a document.
package struct ComplianceExportCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes the compliance of the fleet as a document.",
        discussion: """
            Formats: json, ndjson, csv (one row per host), findings-csv, markdown, html (one file, \
            no scripts), junit, metrics (Prometheus text), sarif, oscal. Exit status 3 when a host \
            is non-compliant, 4 when one is stale, unreachable or unknown.
            """
    ).example("ebb compliance export --format html --output compliance.html")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @Option(
        help: ArgumentHelp(
            "Judge what was known then instead of now: RFC 3339, or the end of a day (UTC).", valueName: "time"))
    var asOf: InstantArgument?

    @Option(help: ArgumentHelp("How far back the drift over time reaches, such as 90d.", valueName: "span")) var period:
        SpanArgument = SpanArgument(seconds: 30 * 86_400)

    @Option(
        help: ArgumentHelp(
            "Sign with this SSH key; the signature is written beside the file, as FILE.sig.", valueName: "key"))
    var sign: String?

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func validate() throws {
        if sign != nil, options.output == nil {
            throw ValidationError("--sign wants --output FILE: the signature goes beside it.")
        }
    }

    package func run() async throws {
        let now = Date()
        if let asOf, asOf.date > now { throw Failure(.usage, "\(JSONText.instant(asOf.date)) is in the future") }
        guard let format = ComplianceFormat(rawValue: options.format.rawValue) else {
            throw Failure(.usage, "an export has no format \(options.format.rawValue)")
        }
        let fleet = try await Fleet.load(options, pattern: pattern)
        let report = try await fleet.store().complianceReport(
            of: fleet.selected, toolVersion: EbbCommand.version, asOf: asOf?.date, now: now,
            period: Double(period.seconds))
        try await write(report, as: format)
        try report.exitStatus.leave()
    }

    private func write(_ report: ComplianceReport, as format: ComplianceFormat) async throws {
        guard let file = options.output else {
            var output = TerminalStream()
            report.write(as: format, to: &output)
            output.flush()
            return
        }
        do {
            var document = try PartialFile(for: file)
            do {
                report.write(as: format, to: &document)
                try document.close()
                if let sign {
                    let signature = try await DocumentSignature.make(of: document.path, key: sign)
                    // The signature first: a document without it is never taken for a signed one.
                    try WholeFile.move(signature, to: file + ".sig")
                }
                try document.keep()
            } catch {
                document.discard()
                throw error
            }
        } catch let error as SystemError { throw Failure(.toolFailure, "cannot write \(file)", cause: error) }
    }
}
