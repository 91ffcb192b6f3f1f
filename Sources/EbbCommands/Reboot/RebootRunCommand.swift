package import ArgumentParser
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials
import Glibc

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
            and `ebb reboot resume` goes on from the journal.
            """)

    @Argument(help: "Which hosts; an Ansible pattern.")
    var pattern: String

    @Flag(name: [.short, .long], help: "Do not ask for confirmation.")
    var yes = false

    @Option(help: "The plan that is meant, as `reboot plan` names it; with --yes for many hosts.")
    var hash: String?

    @Flag(help: "Connect, run every gate that only reads, and reboot nothing.")
    var dryRun = false

    @Flag(help: "Reboot although paths at risk would be lost.")
    var acceptLoss = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        if dryRun { return try await rehearse(fleet) }
        let store = try await fleet.store()
        try await Reconciliation(fleet: fleet, notes: options.notes).run()
        let plan = try await RebootPreparation(fleet: fleet).plan()
        options.notes.note(
            PlanText.rendered(plan, width: Terminal.error.width, color: false))
        guard !plan.hosts.isEmpty else {
            throw Failure(.findings, "every selected host is withheld; nothing was rebooted")
        }
        try confirm(plan)

        let planText = try JSONText.encoded(plan)
        let rollout = try await start(plan, planText, in: store)
        try await RolloutConduct(fleet: fleet, store: store, notes: options.notes).conduct(
            rollout, plan, acceptsLoss: acceptLoss
        ) { try await $0.run(plan) }
        await fleet.shutdown()
        try await RolloutView(store: store).show(rollout, as: format, options)
    }

    private func start(
        _ plan: RebootPlan, _ text: String, in store: Store
    ) async throws -> RolloutID {
        let hosts = plan.waves.enumerated().flatMap { index, wave in
            wave.map { RolloutHost(host: $0, wave: index) }
        }
        do throws(StoreError) {
            return try await store.beginRollout(
                pattern: pattern, plan: text, planHash: Digest.sha256(text),
                controller: ControllerProcess.current(), hosts: hosts, at: Date())
        } catch {
            guard error.code == .hostsBusy else { throw error }
            throw try await busy(error, store)
        }
    }

    /// Says who holds the slots, and what to do about it.
    private func busy(_ error: StoreError, _ store: Store) async throws -> Failure {
        let names = error.busy.map(\.host.text).joined(separator: ", ")
        guard let id = error.busy.first?.rollout else {
            return Failure(.incomplete, "hosts are busy: \(names)", cause: error)
        }
        let holder = try await store.rollout(id)
        let who = "\(holder.controller.hostname), process \(holder.controller.pid)"
        if holder.state == .running, ControllerProcess.isRunning(holder.controller) != false {
            return Failure(
                .incomplete, "rollout \(id.value) holds \(names): it is run by \(who)",
                hint: "`ebb reboot status \(id.value)` shows it")
        }
        let hint =
            holder.state == .running
            ? "its process is gone: `ebb reboot resume \(id.value)` finds out what became of it"
            : "`ebb reboot override \(id.value) HOST --reason …` records a decision, where nothing "
                + "but a person can tell"
        return Failure(.incomplete, "rollout \(id.value) of \(who) holds \(names)", hint: hint)
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

    private func confirm(_ plan: RebootPlan) throws {
        let current = try PlanView.hash(of: plan)
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
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(
                .usage, "\(plan.hosts.count) hosts would be rebooted, and nobody can be asked",
                hint: "--yes says that it is meant")
        }
        Terminal.error.write("reboot \(plan.hosts.count) hosts? Type yes: ")
        guard readLine() == "yes" else { throw Failure(.usage, "nothing was rebooted") }
    }
}
