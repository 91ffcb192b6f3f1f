import ArgumentParser
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb host`: what a host is, where only a person can say it.
struct HostsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Records decisions about a host that only a person can make.",
        subcommands: [HostAcceptCommand.self]
    ).example("ebb host accept db1 storage --reason 'new disk'")
}

extension HostSubject: ExpressibleByArgument {}

/// `ebb host accept`: a person says that a storage or a machine is what it shall be.
struct HostAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Confirms that a host's new storage, content or identity is as intended.",
        discussion: """
            storage: a judged boot found declared paths on another storage than the one on record \
            (`storage-replaced`). That one is on record from then on.

            machine: some marks of the host (machine-id, host keys, serial) are those of another \
            name, and some are not (`identity-unclear`). Accepting says that it is a machine of its own.

            content: a boot did not bring declared content through, or it changed across one that Ebb did not order \
            (`content-undecided`). Accepting keeps what is there now: it is on record from the next observation on, \
            and the boot's verdict stays.

            The old and the new marks are shown and recorded with who decided it and why. Asks no \
            host.
            """
    ).example("ebb host accept nas1 storage --reason 'the disk was replaced, its data restored'")

    @Argument(help: "The host.") var host: String

    @Argument(help: "What is accepted: storage, machine or content.") var subject: HostSubject

    @OptionGroup var decision: DecisionOptions

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let name = try HostName.argument(host)
        let (author, reason) = try decision.signed()
        let store = try options.store(.existing)
        let accepted: StoredAcceptance
        do throws(StoreError) {
            accepted = try await store.accept(subject, of: name, author: author, reason: reason, at: Date())
        } catch {
            guard error.code == .notFound else { throw error }
            throw Failure(
                .usage, error.description,
                hint: subject == .machine
                    ? "`ebb reboot plan all --ask` says which host has `identity-unclear`, and why"
                    : "`ebb history \(name)` shows its boots"
                        + (subject == .storage ? "; a storage that is replaced is found by the next proof" : ""))
        }
        let report = HostReport(
            host: name, subject: subject, marks: accepted.marks, at: accepted.at, author: accepted.author,
            reason: accepted.reason, evidence: accepted.evidence.value)
        try options.results.write(as: format, json: report.json) { report.text(width: $0, color: $1) }
    }
}
