package import ArgumentParser
import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore

/// `ebb reboot run`: reboots hosts wave by wave and proves what each boot did.
package struct RebootRunCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Reboots the hosts, wave by wave, and proves each boot.",
        discussion: """
            Each host is asked first what the boot would lose; anything unknown, and anything \
            precious, secret or declared that is not kept, leaves the host alone (--accept-loss \
            agrees to lose it). Canaries are left on the root and on persistent storage, the reboot \
            is journaled before it is sent, and the host counts as well again only when its boot id \
            is new, its root was erased, and everything declared was kept.

            Exit status 3 when a host is not proven, 4 when its end is not known. Ctrl-C starts \
            nothing more and lets running hosts come to their end; a second one leaves at once, \
            and `ebb reboot resume` continues from the journal.
            """
    ).example("ebb reboot run web")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern: String

    @Flag(name: [.short, .long], help: "Do not ask for confirmation.") var yes = false

    @Option(help: "The plan that is meant, as `reboot plan` names it; with --yes for many hosts.") var hash: String?

    @Flag(help: "Connect, run every gate that only reads, and reboot nothing.") var dryRun = false

    @Flag(help: "Reboot although paths at risk would be lost.") var acceptLoss = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        if dryRun { return try await rehearse(fleet) }
        let store = try await fleet.store()
        let aborts = await Interrupts.trap(notes: options.notes)
        let rollout = try await RolloutWatcher.lend(fleet.settings, notes: options.notes) { watcher in
            let driver = try await fleet.driver(aborts: aborts, watcher)
            try await driver.reconcile(fleet.selected)
            let plan = try await driver.plan(fleet.selected)
            options.notes.note(
                PlanReport(plan, hash: try plan.hash(), outlooks: [:]).summary(width: Terminal.error.width))
            guard !plan.hosts.isEmpty else {
                throw Failure(.findings, "every selected host is withheld; nothing was rebooted")
            }
            try await confirm(plan, aborts)
            do { return try await driver.start(plan, pattern: pattern, acceptsLoss: acceptLoss) } catch let error
                as StoreError where error.code == .hostsBusy
            { throw try await RolloutDriver.failure(busy: error, in: store) }
        }
        await fleet.shutdown()
        try await RolloutView(store: store).show(rollout, as: format, options, isInterrupted: aborts.isThrown)
    }

    /// What a run would do now, by the same gates; nothing is recorded as an attempt.
    private func rehearse(_ fleet: Fleet) async throws {
        var command = RebootPlanCommand()
        command.pattern = pattern
        command.ask = true
        command.acceptLoss = acceptLoss
        command.options = options
        try await command.run()
    }

    /// So many hosts are not rebooted by a pattern that was longer than somebody thought.
    private static let many = 50

    private func confirm(_ plan: RebootPlan, _ aborts: AbortSwitch) async throws {
        let current = try plan.hash()
        if let hash, hash != current {
            throw Failure(
                .usage, "the plan is \(current) now, not \(hash); nothing was rebooted",
                hint: "look at it again with `ebb reboot plan`")
        }
        if yes {
            guard plan.hosts.count <= Self.many || hash != nil else {
                throw Failure(
                    .usage, "\(plan.hosts.count) hosts would be rebooted; nothing was done",
                    hint: "look at the plan, then add --hash \(current)")
            }
            return
        }
        try await Question(
            text: "reboot \(plan.hosts.count) hosts?",
            nobody: "\(plan.hosts.count) hosts would be rebooted, and nobody can be asked",
            hint: "--yes says that it is meant", refused: "nothing was rebooted"
        ).ask(aborts)
    }
}
