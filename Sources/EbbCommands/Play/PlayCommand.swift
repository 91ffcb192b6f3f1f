package import ArgumentParser
import EbbEngine
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport
import FoundationEssentials

/// `ebb play`: the steps of a playbook, one after the other.
package struct PlayCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
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

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
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
            text: "“\(PrintableText.line(book.name))” may change \(count) hosts.",
            nobody: "“\(book.name)” changes hosts, and there is no terminal to ask on",
            hint: "confirm with --yes; --check changes nothing", refused: "nothing was done"
        ).ask(aborts)
    }
}
