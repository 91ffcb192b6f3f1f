import ArgumentParser
import EbbClassifier
import EbbEngine
import EbbInventory
import EbbLocal
import EbbModel
import EbbProbe
import EbbReport
import EbbStore
import EbbTransport
import FoundationEssentials

/// `ebb drift`: what the next boot of each host would lose, and accepting such losses.
struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Shows what the next boot would erase that nobody declared.",
        discussion: """
            `ebb drift [PATTERN] [options]` is short for `ebb drift show`: see `ebb help drift show`.
            """, subcommands: [DriftShowCommand.self, DriftAcceptCommand.self, DriftBaselineCommand.self],
        defaultSubcommand: DriftShowCommand.self
    ).example("ebb drift web")
}

/// `ebb drift show`, or just `ebb drift`: what the next boot of each host would lose.
struct DriftShowCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Observes hosts and lists what the next boot would erase.",
        discussion: """
            Observes every matching host in one round trip, stores what it saw, and lists what \
            would be lost: leaked (declared, but written to the root) and unexplained paths, the \
            most dangerous first. A directory that is new as a whole stands for what is in it.

            Exit status 3 when a path has a verdict of --fail-on, or a host runs a boot that was judged failed; 4 \
            when something is not known, a host runs a boot that Ebb ordered and that is inconclusive or was overridden, or \
            nobody decided about declared content that is not as on record.

            Formats: table, json, ndjson; with --by-path table and json.
            """
    ).example("ebb drift web --new")

    @Flag(help: "Only paths that the host's previous observation did not have.") var new = false

    @Flag(help: "Show what was stored last, without asking the hosts.") var stored = false

    @Flag(help: "Ask ZFS instead of comparing trees: faster, but never complete: it cannot show a host as clean.")
    var quick = false

    @Flag(help: "List every verdict, not only what is at risk.") var allVerdicts = false

    @Flag(help: "List every path, without folding directories that are new as a whole.") var noFold = false

    @Flag(help: "One line per path, with the hosts that have it.") var byPath = false

    @Flag(help: "A tree per host.") var tree = false

    @Option(help: .init("A verdict that makes the exit status 3; may be repeated.", valueName: "verdict")) var failOn:
        [PathVerdict] = [.leaked, .unexplained]

    @OptionGroup var chosen: ChosenHosts

    func run() async throws {
        let format = try options.format(among: tree ? [.table] : byPath ? [.table, .json] : [.table, .json, .ndjson])
        if tree, byPath { throw Failure(.usage, "give --tree or --by-path, not both") }
        let fleet = try await Fleet.load(options, pattern: chosen.pattern)
        let survey = DriftSurvey(
            try await fleet.store(stored ? .existing : .made), onlyNew: new, allVerdicts: allVerdicts, folds: !noFold,
            catalogue: fleet.catalogue)
        let hosts: [DriftReport.Host]
        let begin = ContinuousClock.now
        if stored {
            hosts = try await survey.stored(fleet.selected)
        } else {
            options.notes.note("observing \(Counted.text(fleet.selected.count, "host"))")
            hosts = try await survey.observed(fleet.selected, by: try await fleet.engine(), quick: quick)
            await fleet.shutdown()
        }
        let report = DriftReport(generatedAt: Date(), hosts: hosts, wall: stored ? nil : ContinuousClock.now - begin)
        try options.results.write(as: format, json: byPath ? report.pathsJSON : report.json) { width, color in
            if format == .ndjson { return report.records.map { JSONText.line($0) + "\n" }.joined() }
            if tree { return report.tree(color: color) }
            return byPath ? report.pathsText(width: width, color: color) : report.text(width: width, color: color)
        }
        try report.exitStatus(failOn: Set(failOn)).leave()
    }
}

extension PathVerdict: ExpressibleByArgument {}

extension Acceptance.NamedClass: ExpressibleByArgument {}

/// `ebb drift baseline`: has hosts write down what their fresh roots hold.
struct DriftBaselineCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline", abstract: "Makes hosts record a baseline of their fresh root.",
        discussion: """
            For a root that is made anew (mkfs, tmpfs), or an overlay whose lower tree cannot be \
            read: `root.blank`, for an overlay `root.lower`, names a file on persistent storage. It \
            is written by the host, soon after a proven boot, or one whose root is known to be \
            fresh, and `ebb drift` compares with it from then on. Exit status 4 when a host \
            could not do it.
            """
    ).example("ebb drift baseline pi1")

    @OptionGroup var chosen: NamedHosts

    func run() async throws {
        let (_, fleet) = try await open([.table])
        let engine = try await fleet.engine()
        let outcomes = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
            await engine.writeBaseline(settings)
        }
        var table = TextTable([.init("HOST"), .init("ENTRIES"), .init("FILE", shrinks: true)])
        var isComplete = true
        for (settings, outcome) in zip(fleet.selected, outcomes) {
            let host = TextTable.Cell(settings.host.text, .emphasis)
            switch outcome {
            case .success(let written):
                table.add([host, .init(written.entries), .init(PrintableText.line(written.file))])
            case .failure(let gap):
                isComplete = false
                table.add([host, .init("?"), .init(PrintableText.line(gap.message), .warning)])
            }
        }
        try options.results.write(table)
        try (isComplete ? ExitStatus.success : .incomplete).leave()
    }
}

/// `ebb drift accept`: records in the inventory that the loss of a path is meant.
struct DriftAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Accepts the loss of a path until a day, in the inventory.",
        discussion: """
            Adds one line to the variables file of a host or a group, keeps its comments and its \
            order, and prints the difference; also says what it covers on each host, by what was \
            observed last. Without --on, the one host whose stored drift has the path.

            A path that is stored with just this name is meant as it is, whatever wildcards it \
            holds. Secrets are covered by their own path only, or with --class secret. `/` and whole \
            top directories such as `/etc/**` need --everything.
            """
    ).example("ebb drift accept '/var/cache/**' --on web --reason 'fills again' --until 2027-06-30")

    @Argument(help: "The path, or a glob such as '/var/cache/**'.") var path: String

    @Option(help: .init("Why nobody will miss it.", valueName: "text")) var reason: String

    @Option(help: .init("The last day (UTC) on which this holds.", valueName: "YYYY-MM-DD")) var until: String

    @Option(help: .init("The host or group for which it holds.", valueName: "name")) var on: String?

    @Option(help: .init("Who accepts it. (default: you)", valueName: "name")) var by: String?

    @Option(name: .customLong("class"), help: .init("A class to cover as well: secret.", valueName: "class"))
    var namedClass: Acceptance.NamedClass?

    @Flag(help: "A whole top directory, or the whole root, is meant.") var everything = false

    @Flag(help: "Print the difference, and write nothing.") var dryRun = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        if let fault = MapReader.fault(ofPath: path) {
            throw Failure(.usage, "\(PrintableText.line(path)) \(fault.message)", hint: fault.hint)
        }
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw Failure(.usage, "--reason is empty: say why nobody will miss it")
        }
        let now = Date()
        let today = CalendarDate(utc: now)
        guard let last = CalendarDate(until), last >= today else {
            throw Failure(
                .usage, "--until needs today or a later day as YYYY-MM-DD, not \(PrintableText.line(until))",
                hint: "such as \(today)")
        }
        let fleet = try await Fleet.load(options, pattern: "all")
        let survey = DriftSurvey(try await fleet.store(on == nil ? .existing : .made))
        var acceptance = Acceptance(
            path: path, reason: reason, by: by ?? Operator.name, until: until, namedClass: namedClass,
            isEverything: everything ? true : nil)
        let candidates = try candidates(fleet)
        if acceptance.literalPath != BytePath(path), try await survey.isStored(BytePath(path), of: candidates) {
            acceptance.path = Acceptance.escaped(path)
        }
        guard !acceptance.isWide || everything else {
            throw Failure(
                .usage, "\(PrintableText.line(path)) takes in a whole top directory",
                hint: "name what may be lost, or say --everything")
        }
        let (kind, name, hosts) = try await place(acceptance, candidates, survey)
        let file = VariablesFile.find(name, kind: kind, of: options.loader)
        for line in try await survey.coverage(of: acceptance, on: hosts) { options.notes.note(line) }
        let old = file.text ?? ""
        let new: String
        do throws(AcceptanceEdit.Refusal) { new = try AcceptanceEdit.apply(acceptance, to: old, file: file.path) } catch
        { throw Failure(.usage, error.message) }
        if !dryRun { try await write(new, over: file) }
        Terminal.output.write(
            LineDifference.text(old: old, new: new, file: file.path, color: options.results.isColored))
    }

    /// The hosts for which it may hold.
    private func candidates(_ fleet: Fleet) throws -> [HostSettings] {
        guard let on else { return fleet.all }
        let hosts = fleet.all.filter { $0.host.text == on }
        if !hosts.isEmpty || on == "all" { return hosts.isEmpty ? fleet.all : hosts }
        let members = fleet.all.filter { $0.groups.contains(on) }
        if members.isEmpty {
            throw Failure(
                .usage, "the inventory has neither a host nor a group \(PrintableText.line(on))",
                hint: "`ebb inventory list` shows the hosts, `ebb inventory graph` the groups")
        }
        return members
    }

    /// Whose variables: `host_vars` or `group_vars`, the name, and the hosts that they are of.
    private func place(_ acceptance: Acceptance, _ candidates: [HostSettings], _ survey: DriftSurvey) async throws -> (
        kind: String, name: String, hosts: [HostSettings]
    ) {
        if let on { return (candidates.map(\.host.text) == [on] ? "host_vars" : "group_vars", on, candidates) }
        let hosts = try await survey.hosts(candidates, atRiskBelow: acceptance)
        if hosts.count == 1 { return ("host_vars", hosts[0].host.text, hosts) }
        throw Failure(
            .usage,
            hosts.isEmpty
                ? "no stored observation has \(PrintableText.line(path)) at risk"
                : "\(hosts.count) hosts have it: \(hosts.map(\.host.text).joined(separator: ", "))",
            hint: (hosts.isEmpty ? "observe again with `ebb drift`, or " : "")
                + "name the host or group for which it holds with --on")
    }

    /// Writes the file; an inventory that is not usable afterwards gets its old text back.
    private func write(_ text: String, over file: VariablesFile) async throws {
        do { try file.makeDirectory() } catch { throw Failure(.toolFailure, "cannot write \(file.path)", cause: error) }
        try WholeFile.write(text, to: file.path)
        let reading = try await options.loader.load()
        guard !reading.isUsable else { return }
        if let old = file.text {
            try WholeFile.write(old, to: file.path)
        } else {
            try FileManager.default.removeItem(atPath: file.path)
        }
        throw Failure.unusable("the inventory", reading.problems)
    }
}
