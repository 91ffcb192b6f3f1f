package import ArgumentParser
import EbbModel
import EbbStore
import FoundationEssentials

/// `ebb reboot override`: a person's decision about a host that nobody can prove.
package struct RebootOverrideCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "override", abstract: "Frees a host's slot by a recorded decision.",
        discussion: """
            The verdict stays what the evidence made it; that the host counts as available again is \
            recorded with who decided it and why.
            """)

    @Argument(help: "The rollout's number.")
    var rollout: Int64

    @Argument(help: "The host.")
    var host: String

    @Option(help: "Why the host is known to be well.")
    var reason: String

    @Option(help: "Who decides. (default: the user who runs this)")
    var author: String?

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let name = try HostName(host)
        let store = try Store.open(options.databasePath)
        let attempts = try await store.attempts(of: RolloutID(rollout))
        guard let attempt = attempts.last(where: { $0.host == name }) else {
            throw Failure(.usage, "\(host) is not in rollout \(rollout)")
        }
        try await store.recordOverride(
            attempt.id, author: author ?? Operator.name, reason: reason, at: Date())
        options.notes.note("\(host): recorded; its slot is free, its verdict is unchanged")
    }
}
