package import ArgumentParser
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb reboot abort`: lets a rollout start nothing more.
package struct RebootAbortCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Lets a rollout start nothing more.",
        discussion: """
            Hosts that were told to reboot come to their end and are judged; the others are left \
            alone. The process that runs the rollout notices within a second or two, wherever it \
            runs; where it has ended, this one finds out what became of the hosts. Who aborted it \
            and why is recorded.
            """)

    @Argument(help: "The rollout's number; by default the newest that is not finished.")
    var rollout: Int64?

    @Option(help: "Why.")
    var reason: String

    @Option(help: "Who decides. (default: the user who runs this)")
    var author: String?

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let store = try Store.open(options.databasePath)
        let stored = try await chosen(in: store)
        try await store.requestAbort(
            of: stored.id, author: author ?? Operator.name, reason: reason, at: Date())
        let who = "\(stored.controller.hostname), process \(stored.controller.pid)"
        switch ControllerProcess.isRunning(stored.controller) {
        case true?:
            options.notes.note(
                "rollout \(stored.id.value) starts nothing more; \(who) sees running hosts to "
                    + "their end (`ebb reboot status \(stored.id.value)`)")
        case nil:
            options.notes.warning(
                "recorded; whether \(who) still runs cannot be seen from here")
        case false?:
            let fleet = try await Fleet.load(options, pattern: "all")
            try await TakeOver(fleet: fleet, notes: options.notes)
                .goOn(with: stored, startingMore: false)
            await fleet.shutdown()
            try await RolloutView(store: store).show(stored.id, as: format, options)
        }
    }

    private func chosen(in store: Store) async throws -> StoredRollout {
        if let rollout { return try await store.rollout(RolloutID(rollout)) }
        guard let newest = try await store.unfinishedRollouts().last else {
            throw Failure(.usage, "no rollout is unfinished")
        }
        return newest
    }
}
