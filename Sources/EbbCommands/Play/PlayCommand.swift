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
        commandName: "play", abstract: "Runs a playbook: look, decide, act, prove, tell.",
        discussion: """
            --check asks the hosts everything that can be asked without changing them (drift, every \
            gate before a reboot, whether what is declared is in effect) and says what would be done.

            Exit status 3 when a step failed on a host, 4 when something is not known.
            """)

    @Argument(help: "A file, or the name of one in playbooks/.")
    var playbook: String

    @Flag(help: "Change nothing; say what would be done.")
    var check = false

    @Flag(name: [.short, .long], help: "Do not ask for confirmation.")
    var yes = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let book = try PlaybookFile.read(playbook, notes: options.notes)
        let fleet = try await Fleet.load(options, pattern: book.hosts)
        let aborts = await Interrupts.trap(notes: options.notes)
        if book.changesHosts, !check { try await confirm(book, fleet, aborts) }
        let play = Play(
            book: book, fleet: fleet, options: options, aborts: aborts, isCheck: check,
            storesTexts: format == .json)
        let report = try await play.run()
        await fleet.shutdown()
        try options.results.write(as: format, json: report.json) {
            report.text(width: $0, color: $1)
        }
        try report.exitStatus.merged(with: aborts.isThrown ? .interrupted : .success).leave()
    }

    private func confirm(
        _ book: Playbook, _ fleet: Fleet, _ aborts: AbortSwitch
    ) async throws {
        if yes { return }
        let count = fleet.selected.count
        try await Question(
            text: "“\(PrintableText.line(book.name))” may change \(count) hosts.",
            nobody: "“\(book.name)” changes hosts, and nobody can be asked",
            hint: "--yes says that it is meant; --check changes nothing",
            refused: "nothing was done"
        ).ask(aborts)
    }
}
