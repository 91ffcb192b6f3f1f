package import ArgumentParser
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport
import FoundationEssentials
import Glibc

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
        if book.changesHosts, !check { try confirm(book, fleet) }
        let play = Play(
            book: book, fleet: fleet, options: options, isCheck: check,
            storesTexts: format == .json)
        let report = try await play.run()
        await fleet.shutdown()
        try options.results.write(as: format, json: report.json) {
            report.text(width: $0, color: $1)
        }
        try report.exitStatus.leave()
    }

    private func confirm(_ book: Playbook, _ fleet: Fleet) throws {
        if yes { return }
        let count = fleet.selected.count
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(
                .usage, "“\(book.name)” changes hosts, and nobody can be asked",
                hint: "--yes says that it is meant; --check changes nothing")
        }
        Terminal.error.write(
            "“\(PrintableText.line(book.name))” may change \(count) hosts. Type yes: ")
        guard readLine() == "yes" else { throw Failure(.usage, "nothing was done") }
    }
}
