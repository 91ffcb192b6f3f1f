package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbStore

/// `ebb reboot abort`: lets a rollout start nothing more.
package struct RebootAbortCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Lets a rollout start nothing more.",
        discussion: """
            Hosts that were told to reboot come to their end and are judged; the others are left \
            alone. The process that runs the rollout notices within a second or two, wherever it \
            runs; where it has ended, this one finds out what became of the hosts. Who aborted it \
            and why is recorded.
            """
    ).example("ebb reboot abort 7 --reason 'the first wave lost data'")

    @Argument(help: "The rollout's number; by default the newest that is not finished.") var rollout: Int64?

    @Option(help: "Why.") var reason: String

    @Option(help: "Who decides. (default: the user who runs this)") var author: String?

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let store = try Store.open(options.databasePath)
        let stored = try await RolloutDriver.chosen(rollout, in: store)
        let end = try await RolloutDriver.abort(stored, author: author ?? Operator.name, reason: reason, in: store)
        let who = "\(stored.controller.hostname), process \(stored.controller.pid)"
        switch end {
        case .isRunning:
            options.notes.note(
                "rollout \(stored.id.value) starts nothing more; \(who) sees running hosts to "
                    + "their end (`ebb reboot status \(stored.id.value)`)")
        case .isElsewhere:
            options.notes.warning(
                "recorded; whether \(who) still runs cannot be seen from here; "
                    + "`ebb reboot resume \(stored.id.value)` ends it where that process is gone")
        case .isAbandoned:
            let fleet = try await Fleet.load(options, pattern: "all")
            let aborts = await Interrupts.trap(notes: options.notes)
            try await RolloutWatcher.lend(fleet.settings, notes: options.notes) { watcher in
                try await fleet.driver(aborts: aborts, watcher).resume(stored, startingMore: false)
            }
            await fleet.shutdown()
            try await RolloutView(store: store).show(stored.id, as: format, options, isInterrupted: aborts.isThrown)
        }
    }
}
