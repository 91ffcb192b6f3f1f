package import ArgumentParser
import EbbModel
import EbbReport
import EbbStore

/// `ebb reboot status`: where each host of a rollout stands.
package struct RebootStatusCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows where each host of a rollout stands.",
        discussion: "Without a number: the newest rollout. Asks no host."
    ).example("ebb reboot status 7 --watch")

    @Argument(help: "The rollout's number.") var rollout: Int64?

    @Flag(help: "Follow it until it ends.") var watch = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let store = try Store.open(options.databasePath)
        let id: RolloutID
        if let rollout {
            id = RolloutID(rollout)
        } else if let newest = try await store.rollouts(limit: 1).first {
            id = newest.id
        } else {
            throw Failure(.incomplete, "no rollout was ever started with this database")
        }
        if watch { try await RolloutFollower(store: store, notes: options.notes).follow(id) }
        try await RolloutView(store: store).show(id, as: format, options)
    }
}
