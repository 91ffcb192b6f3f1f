package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport

/// `ebb doctor`: whether Ebb can work with each host, and what to do where it cannot.
package struct DoctorCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks the connection to each host, and what Ebb needs there.",
        discussion: """
            Changes nothing on a host. With --trust it first shows the keys of hosts that nothing is \
            known of, and pins them in known_hosts once you say that they are right; a changed key \
            is never pinned over an old one. Exit status 3 when a check fails, 4 when one is not \
            reached.
            """
    ).example("ebb doctor web --trust")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @Flag(help: "Show new host keys and changed machines, ask, then pin them.") var trust = false

    @Flag(help: "With --trust: do not ask; you have compared what is shown.") var yes = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        if trust { try await TrustDialogue(fleet: fleet, options: options, isMeant: yes).run() }
        let engine = try await fleet.engine(verifyingMachines: false)
        let timeout = options.connectTimeout.duration
        let found = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
            async let look = ServerObservation(at: settings.connection, timeout: timeout)
            return (checks: await engine.examine(settings), offer: await look.offer)
        }
        let report = DoctorReport(
            hosts: zip(fleet.selected, found).map { ($0.host, $1.checks) },
            offers: Dictionary(
                zip(fleet.selected, found).compactMap { settings, found in found.offer.map { (settings.host, $0) } },
                uniquingKeysWith: { first, _ in first }), library: .linked)
        try options.results.write(as: format, json: report.json) {
            report.text(width: $0, color: $1, showingOffers: options.verbose > 0)
        }
        try report.exitStatus.leave()
    }
}
