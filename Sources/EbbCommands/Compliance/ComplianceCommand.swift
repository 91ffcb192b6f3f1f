import ArgumentParser
import EbbEngine
import EbbLocal
import EbbModel
import EbbReport
import FoundationEssentials

/// `ebb compliance`: whether each host meets its policy, and documents that show it.
struct ComplianceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compliance", abstract: "Judges hosts against their policy and exports it.",
        subcommands: [ComplianceReportCommand.self, ComplianceExportCommand.self]
    ).example("ebb compliance report")
}

/// `ebb compliance report`: the verdict on each host, for a person.
struct ComplianceReportCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Shows each host's verdict and what it rests on.",
        discussion: """
            Judges what is stored; asks no host. Exit status 3 when a host is non-compliant, 4 when \
            one is stale, unreachable or unknown.
            """
    ).example("ebb compliance report web")

    @OptionGroup var chosen: ChosenHosts

    func run() async throws {
        let (format, fleet) = try await open()
        let report = try await fleet.store(.existing).complianceReport(
            of: fleet.selected, catalogue: fleet.catalogue, toolVersion: EbbCommand.version)
        let results = options.results
        try results.write(report.rendered(as: format, width: results.width, color: results.isColored))
        try report.exitStatus.leave()
    }
}

/// `ebb compliance export`: the compliance of a fleet as a document.
struct ComplianceExportCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes the compliance of the fleet as a document.",
        discussion: """
            Formats: json, ndjson, csv (one row per host), findings-csv, markdown, html (one file, \
            no scripts), junit, metrics (Prometheus text), sarif, oscal. Exit status 3 when a host \
            is non-compliant, 4 when one is stale, unreachable or unknown.
            """
    ).example("ebb compliance export --format html --output compliance.html")

    @Option(
        help: .init("Judge what was known then instead of now: RFC 3339, or the end of a day (UTC).", valueName: "time")
    ) var asOf: InstantArgument?

    @Option(help: .init("How far back the drift over time reaches, such as 90d.", valueName: "span")) var period:
        SpanArgument = SpanArgument(seconds: 30 * 86_400)

    @Option(
        help: .init("Sign with this SSH key; the signature is written beside the file, as FILE.sig.", valueName: "key"))
    var sign: String?

    @OptionGroup var chosen: ChosenHosts

    func validate() throws {
        if sign != nil, options.output == nil {
            throw ValidationError("--sign wants --output FILE: the signature goes beside it.")
        }
    }

    func run() async throws {
        let now = Date()
        if let asOf, asOf.date > now {
            throw Failure(
                .usage, "--as-of \(JSONText.instant(asOf.date)) is in the future",
                hint: "a day counts until its end (UTC); leave --as-of out for now")
        }
        let fleet = try await Fleet.load(options, pattern: chosen.pattern)
        let report = try await fleet.store(.existing).complianceReport(
            of: fleet.selected, catalogue: fleet.catalogue, toolVersion: EbbCommand.version, asOf: asOf?.date, now: now,
            period: Double(period.seconds))
        try await write(report, as: options.format)
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

/// A time on the command line: an RFC 3339 instant, or a day, which means its end in UTC.
struct InstantArgument: Sendable, Hashable, ExpressibleByArgument {
    let date: Date

    init?(argument: String) {
        if let day = CalendarDate(argument) {
            date = Date(timeIntervalSince1970: Double(day.daysSinceEpoch + 1) * 86_400 - 0.001)
        } else if let instant = try? Date(argument, strategy: .iso8601) {
            date = instant
        } else {
            return nil
        }
    }
}
