import ArgumentParser
import EbbEngine
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb play`: the steps of a playbook, one after the other.
struct PlayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play", abstract: "Runs a playbook: observe, decide, act, prove, report.",
        discussion: """
            --check asks the hosts everything that can be asked without changing them (drift, every \
            gate before a reboot, whether what is declared is in effect) and says what would be done.

            Exit status 3 when a step failed on a host, 4 when something is not known.
            """
    ).example("ebb play rolling-reboot --check")

    @Argument(help: "A file, or the name of one in playbooks/.") var playbook: String

    @Flag(help: "Change nothing; say what would be done.") var check = false

    @Flag(name: [.short, .long], help: "Do not ask for confirmation.") var yes = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let book = try PlaybookFile.read(playbook, notes: options.notes)
        let fleet = try await Fleet.load(options, pattern: book.hosts)
        let aborts = await Interrupts.trap(notes: options.notes)
        if book.changesHosts, !check { try await confirm(book, fleet, aborts) }
        let play = Play(
            book, try await fleet.driver(aborts: aborts), isCheck: check,
            Play.Surroundings(
                notes: options.notes,
                arguments: ["--inventory", options.inventoryPath, "--database", options.databasePath],
                rollout: { [options] body in
                    try await RolloutWatcher.lend(fleet.settings, notes: options.notes) { watcher in
                        try await body(try await fleet.driver(aborts: aborts, watcher))
                    }
                },
                report: { [options] settings, rollout in
                    try await PlayWriting(
                        fleet: fleet, options: options, report: settings, rollout: rollout, storesTexts: format == .json
                    ).run()
                }))
        let report = try await play.run(on: fleet.selected)
        await fleet.shutdown()
        try options.results.write(as: format, json: report.json) { report.text(width: $0, color: $1) }
        try report.exitStatus.merged(with: aborts.isThrown ? .interrupted : .success).leave()
    }

    private func confirm(_ book: Playbook, _ fleet: Fleet, _ aborts: AbortSwitch) async throws {
        if yes { return }
        let count = fleet.selected.count
        try await Question(
            text: "“\(PrintableText.line(book.name))” may change \(Counted.text(count, "host")).",
            nobody: "“\(book.name)” changes hosts, and there is no terminal to ask on",
            hint: "confirm with --yes, or see with --check what it would do", refused: "nothing was done"
        ).ask(aborts)
    }
}

/// The step `report`: writes down where the playbook's hosts stand.
struct PlayWriting: Sendable {
    let fleet: Fleet
    let options: GlobalOptions
    let report: Playbook.Report
    /// The rollout of this playbook, if one was started.
    let rollout: RolloutID?
    let storesTexts: Bool

    func run() async throws -> (text: String?, ExitStatus) {
        let (text, status) = try await written()
        if let path = report.output {
            try WholeFile.write(text, to: path)
            options.notes.note("wrote \(path)")
        } else if storesTexts {
            return (text, status)
        } else {
            Terminal.output.write(text + "\n")
        }
        return (nil, status)
    }

    private var width: Int? { report.output == nil ? Terminal.output.width : nil }

    private var isColored: Bool { report.output == nil && options.results.isColored }

    private func written() async throws -> (String, ExitStatus) {
        let store = try await fleet.store()
        switch report.kind {
        case .drift:
            let drift = DriftReport(
                generatedAt: Date(),
                hosts: try await DriftSurvey(store, catalogue: fleet.catalogue).stored(fleet.selected))
            let text =
                switch report.format {
                case "json": JSONText.document(drift.json)
                case "ndjson": drift.records.map { JSONText.line($0) + "\n" }.joined()
                case "table": drift.text(width: width, color: isColored)
                default: throw unknownFormat(["table", "json", "ndjson"])
                }
            // The gate before it has decided; this only tells.
            return (text, drift.exitStatus(failOn: []))
        case .reboot:
            guard let own = self.rollout else { return ("this playbook started no rollout\n", .success) }
            let rollout = try await store.rolloutReport(own)
            switch report.format {
            case "json": return (JSONText.document(rollout.json), rollout.exitStatus)
            case "table": return (rollout.text(width: width, color: isColored), rollout.exitStatus)
            default: throw unknownFormat(["table", "json"])
            }
        case .compliance:
            let survey = try await store.complianceReport(
                of: fleet.selected, catalogue: fleet.catalogue, toolVersion: EbbCommand.version)
            guard let format = ComplianceFormat(rawValue: report.format) else {
                throw unknownFormat(ComplianceFormat.allCases.map(\.rawValue))
            }
            return (survey.rendered(as: format, width: width, color: isColored), survey.exitStatus)
        }
    }

    private func unknownFormat(_ known: [String]) -> Failure {
        Failure(
            .usage, "a report on \(report.kind.rawValue) has no format \(report.format)",
            hint: "one of: \(known.joined(separator: ", "))")
    }
}
