package import ArgumentParser
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb drift accept`: records in the inventory that the loss of a path is meant.
package struct DriftAcceptCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Accepts the loss of a path until a day, in the inventory.",
        discussion: """
            Adds one line to the variables file of a host or a group, keeps its comments and its \
            order, and prints the difference. Without --on, the one host whose stored drift has the \
            path.
            """
    ).example("ebb drift accept '/var/cache/**' --on web --reason 'fills again' --until 2027-06-30")

    @Argument(help: "The path, or a glob such as '/var/cache/**'.") var path: String

    @Option(help: ArgumentHelp("Why nobody will miss it.", valueName: "text")) var reason: String

    @Option(help: ArgumentHelp("The last day (UTC) on which this holds.", valueName: "YYYY-MM-DD")) var until: String

    @Option(help: ArgumentHelp("The host or group for which it holds.", valueName: "name")) var on: String?

    @Option(help: ArgumentHelp("Who accepts it. (default: you)", valueName: "name")) var by: String?

    @Flag(help: "Print the difference, and write nothing.") var dryRun = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        guard path.hasPrefix("/") else { throw Failure(.usage, "\(PrintableText.line(path)) is not an absolute path") }
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw Failure(.usage, "--reason is empty: say why nobody will miss it")
        }
        let now = Date()
        let today = CalendarDate(daysSinceEpoch: Int((now.timeIntervalSince1970 / 86_400).rounded(.down)))
        guard let last = CalendarDate(until), last >= today else {
            throw Failure(
                .usage, "--until \(PrintableText.line(until)) is no day from today on", hint: "write it as \(today)")
        }
        let fleet = try await Fleet.load(options, pattern: "all")
        let (kind, name) = try await place(fleet)
        let file = VariablesFile.find(name, kind: kind, of: options.loader)
        let acceptance = Acceptance(path: path, reason: reason, by: by ?? Operator.name, until: until)
        let old = file.text ?? ""
        let new: String
        do throws(AcceptanceEdit.Refusal) { new = try AcceptanceEdit.apply(acceptance, to: old, file: file.path) } catch
        { throw Failure(.usage, error.message) }
        if !dryRun { try await write(new, over: file) }
        Terminal.output.write(
            LineDifference.text(old: old, new: new, file: file.path, color: options.results.isColored))
    }

    /// Whose variables: `host_vars` or `group_vars`, and the name.
    private func place(_ fleet: Fleet) async throws -> (kind: String, name: String) {
        if let on {
            if fleet.all.contains(where: { $0.host.text == on }) { return ("host_vars", on) }
            if on == "all" || fleet.all.contains(where: { $0.groups.contains(on) }) { return ("group_vars", on) }
            throw Failure(.usage, "the inventory has neither a host nor a group \(PrintableText.line(on))")
        }
        let store = try await fleet.store()
        var hosts: [String] = []
        for settings in fleet.all {
            let open = try await store.openDrift(of: settings.host, verdicts: [.leaked, .unexplained])
            let wanted = BytePath(path)
            if open.contains(where: { $0.entry.change.path.isInside(wanted) }) { hosts.append(settings.host.text) }
        }
        if hosts.count == 1 { return ("host_vars", hosts[0]) }
        throw Failure(
            .usage,
            hosts.isEmpty
                ? "no host's stored drift has \(PrintableText.line(path)) at risk"
                : "\(hosts.count) hosts have it: \(hosts.joined(separator: ", "))",
            hint: "say for whom it holds: --on HOST, or --on GROUP")
    }

    /// Writes the file; an inventory that is not usable afterwards gets its old text back.
    private func write(_ text: String, over file: VariablesFile) async throws {
        do {
            try file.makeDirectory()
            try WholeFile.write(Array(text.utf8), to: file.path)
        } catch { throw Failure(.toolFailure, "cannot write \(file.path)", cause: error) }
        let reading = try await options.loader.load()
        guard !reading.isUsable else { return }
        if let old = file.text {
            try WholeFile.write(Array(old.utf8), to: file.path)
        } else {
            try FileManager.default.removeItem(atPath: file.path)
        }
        throw Failure.unusable("the inventory", reading.problems)
    }
}
