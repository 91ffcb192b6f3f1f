package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbStore

/// `ebb reboot resume`: resumes a rollout whose process ended.
package struct RebootResumeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Resumes a rollout whose process has ended.",
        discussion: """
            What happened to each host is read from the journal and from the host itself: its boot \
            id, and the mark that the reboot left in /run. No host is rebooted twice for one attempt.
            """
    ).example("ebb reboot resume 7")

    @Argument(help: "The rollout's number; by default the newest that is not finished.") var rollout: Int64?

    @Flag(help: "Reboot although paths at risk would be lost.") var acceptLoss = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: "all")
        let store = try await fleet.store()
        let stored = try await RolloutDriver.chosen(rollout, in: store)
        guard stored.state == .running else {
            throw Failure(.usage, "rollout \(stored.id.value) is \(stored.state.rawValue) already")
        }
        if ControllerProcess.isRunning(stored.controller) == true {
            throw Failure(.incomplete, "rollout \(stored.id.value) is being run by process \(stored.controller.pid)")
        }
        let aborts = await Interrupts.trap(notes: options.notes)
        try await RolloutWatcher.lend(fleet.settings, notes: options.notes) { watcher in
            try await fleet.driver(aborts: aborts, watcher).resume(stored, acceptsLoss: acceptLoss)
        }
        await fleet.shutdown()
        try await RolloutView(store: store).show(stored.id, as: format, options, isInterrupted: aborts.isThrown)
    }
}
