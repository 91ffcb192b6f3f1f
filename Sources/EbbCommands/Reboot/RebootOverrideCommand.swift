package import ArgumentParser
import EbbEngine
import EbbModel
import EbbStore

/// `ebb reboot override`: a person's decision about a host that nobody can prove.
package struct RebootOverrideCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "override", abstract: "Frees a host's slot by a recorded decision.",
        discussion: """
            The verdict stays what the evidence made it; that the host counts as available again is \
            recorded with who decided it and why.
            """
    ).example("ebb reboot override 7 db1 --reason 'checked on the console'")

    @Argument(help: "The rollout's number.") var rollout: Int64

    @Argument(help: "The host.") var host: String

    @Option(help: "Why the host is known to be well.") var reason: String

    @Option(help: "Who decides. (default: the user who runs this)") var author: String?

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let name = try HostName(host)
        let store = try Store.open(options.databasePath)
        let isFree = try await RolloutDriver.override(
            RolloutID(rollout), name, author: author ?? Operator.name, reason: reason, in: store)
        if isFree {
            options.notes.note("\(host): recorded; its slot is free, its verdict is unchanged")
        } else {
            options.notes.warning(
                "\(host): recorded; rollout \(rollout) has not ended and holds its slot until then: "
                    + "`ebb reboot abort \(rollout) --reason …` ends it")
        }
    }
}
