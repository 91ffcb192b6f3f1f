import ArgumentParser
import EbbEngine
import EbbInventory
import EbbLocal
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb reboot`: rolling reboots that prove what they did.
struct RebootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reboot", abstract: "Plans, runs and follows rolling reboots.",
        subcommands: [
            RebootPlanCommand.self, RebootRunCommand.self, RebootStatusCommand.self, RebootResumeCommand.self,
            RebootAbortCommand.self, RebootOverrideCommand.self, RebootStopCommand.self, RebootUnstopCommand.self,
        ]
    ).example("ebb reboot plan web")
}

/// `ebb reboot plan`: who would be rebooted in which wave, and who is withheld and why.
struct RebootPlanCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows waves, limits and withheld hosts; touches nothing.",
        discussion: """
            Also what each host would lose, as it was seen last; how long its reboots take; its next \
            five windows in UTC with the last moment to start in each; and the plan's hash. What the \
            inventory, the database and the last observation say against a reboot is said; what only \
            the run can find out is listed. With --ask every host is connected to, and every gate that \
            only reads is run: what it then says is what a run would decide now. Exit status 3 when a host would not be rebooted, 4 \
            when one cannot be asked.
            """
    ).example("ebb reboot plan web --ask")

    @Flag(help: "Connect, and run every gate that only reads.") var ask = false

    @Flag(help: "Plan as if --accept-loss were given to `ebb reboot run`.") var acceptLoss = false

    @OptionGroup var chosen: NamedHosts

    func run() async throws {
        let (format, fleet) = try await open()
        _ = try await fleet.store(ask ? .made : .readIfThere)
        let driver = try await fleet.driver()
        let plan = try await driver.plan(fleet.selected)
        let outlooks =
            ask
            ? try await driver.askedOutlooks(of: plan, acceptsLoss: acceptLoss)
            : try await driver.outlooks(of: plan, acceptsLoss: acceptLoss)
        let report = PlanReport(plan, hash: try plan.hash(), outlooks: outlooks)
        try options.results.write(as: format, json: report.json) { report.text(width: $0, color: $1) }
        await fleet.shutdown()
        try report.exitStatus.leave()
    }
}

/// `ebb reboot run`: reboots hosts wave by wave and proves what each boot did.
struct RebootRunCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Reboots the hosts, wave by wave, and proves each boot.",
        discussion: """
            Each host is asked first what the boot would lose. A host that does not say enough is left \
            alone, and so is one that would lose what is declared and not kept, unexplained identity, \
            secrets or precious content, or more unexplained content of unknown class than \
            `reboot.unknown_loss_max`, 1 MiB in sum unless the inventory says otherwise; \
            --accept-loss agrees to lose it. What would go is listed, ten paths and how many more: \
            before the question as it was observed last, and in the record as it is then. Canaries are left on the root and on persistent storage, the reboot \
            is journaled before it is sent, and the host counts as well again only when its boot id \
            is new, its root was erased, and everything declared was kept.

            Exit status 3 when a host is not proven, 4 when its end is not known. Ctrl-C starts \
            nothing more and lets running hosts come to their end; a second one leaves at once, \
            and `ebb reboot resume` continues from the journal.
            """
    ).example("ebb reboot run web")

    @Flag(name: [.short, .long], help: "Do not ask for confirmation.") var yes = false

    @Option(
        help: "Reboot only if the plan still has this hash (from `ebb reboot plan`); --yes needs it for over 50 hosts.")
    var hash: String?

    @Flag(help: "Connect, run every gate that only reads, and reboot nothing.") var dryRun = false

    @Flag(help: "Reboot although paths at risk would be lost.") var acceptLoss = false

    @OptionGroup var chosen: NamedHosts

    func run() async throws {
        let (format, fleet) = try await open()
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
                throw Failure(
                    .findings, "no host was rebooted: every selected host is withheld, for the reasons above",
                    hint:
                        "`ebb reboot plan \(chosen.pattern)` shows when each may go, `ebb reboot stop` what people stopped"
                )
            }
            let losers = try await tellLosses(of: plan, driver)
            try await confirm(plan, losers: losers, aborts)
            do { return try await driver.start(plan, pattern: chosen.pattern, acceptsLoss: acceptLoss) } catch let error
                as StoreError where error.code == .hostsBusy
            { throw try await RolloutDriver.failure(busy: error, in: store) }
        }
        await fleet.shutdown()
        try await options.show(rollout, in: store, as: format, isInterrupted: aborts.isThrown)
    }

    /// What a run would do now, by the same gates; nothing is recorded as an attempt.
    private func rehearse(_ fleet: Fleet) async throws {
        var command = RebootPlanCommand()
        command.chosen = chosen
        command.ask = true
        command.acceptLoss = acceptLoss
        try await command.run()
    }

    /// So many hosts are not rebooted by a pattern that was longer than somebody thought.
    private static let many = 50

    /// Says what hosts would lose, as they were observed last; the number of such hosts.
    private func tellLosses(of plan: RebootPlan, _ driver: RolloutDriver) async throws -> Int {
        let losers = try await driver.losses(of: plan)
        for (host, losses) in losers.prefix(10) {
            options.notes.note("\(host) " + (acceptLoss ? "would lose \(losses.text)" : losses.objection))
        }
        if losers.count > 10 { options.notes.note("and \(losers.count - 10) more hosts would lose something") }
        return losers.count
    }

    private func confirm(_ plan: RebootPlan, losers: Int, _ aborts: AbortSwitch) async throws {
        let current = try plan.hash()
        if let hash, hash != current {
            throw Failure(
                .usage, "the plan is \(current) now, not \(hash); nothing was rebooted",
                hint: "the fleet changed since: read `ebb reboot plan \(chosen.pattern)`, then pass --hash \(current)")
        }
        let hosts = Counted.text(plan.hosts.count, "host")
        if yes {
            guard plan.hosts.count <= Self.many || hash != nil else {
                throw Failure(
                    .usage, "\(hosts) would be rebooted; nothing was done",
                    hint: "read `ebb reboot plan \(chosen.pattern)`, then add --hash \(current)")
            }
            return
        }
        try await Question(
            text: acceptLoss && losers > 0 ? "reboot \(hosts), and lose what is listed above?" : "reboot \(hosts)?",
            nobody: "\(hosts) would be rebooted, and there is no terminal to ask on",
            hint: "confirm with --yes" + (plan.hosts.count > Self.many ? " --hash \(current)" : ""),
            refused: "nothing was rebooted"
        ).ask(aborts)
    }
}

/// `ebb reboot stop`: keeps hosts from being rebooted until the flag is lifted or expires.
struct RebootStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Sets a stop flag; without a reason, lists the flags."
    ).example("ebb reboot stop --group web --reason 'release day' --for 12h")

    @Option(help: "Only this host.") var host: String?

    @Option(help: "Only this group.") var group: String?

    @Option(help: "Why.") var reason: String?

    @Option(
        name: .customLong("for"),
        help: .init(
            "How long it holds, such as 12h; without it, until `ebb reboot unstop` lifts it.", valueName: "span"))
    var span: SpanArgument?

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        guard let reason else {
            guard host == nil, group == nil, span == nil else {
                throw Failure(
                    .usage, "a stop flag needs --reason; none was set",
                    hint: "`ebb reboot stop` without any option lists the flags that are in force")
            }
            return try await list(try options.store(.existing))
        }
        try GlobalOptions.check(reason: reason)
        let scope = try await scope()
        let store = try options.store(.made)
        let now = Date()
        let id = try await store.setStopFlag(
            StopFlag(
                scope: scope, reason: reason, author: Operator.name, setAt: now,
                expiresAt: span.map { now.addingTimeInterval(Double($0.seconds)) }))
        options.notes.note(
            "stop flag \(id.value) is set: nothing that it concerns is rebooted until `ebb reboot unstop \(id.value)`")
    }

    /// Whom the flag stops; a name that the inventory lacks would stop nobody, and is refused.
    private func scope() async throws -> StopFlag.Scope {
        switch (host, group) {
        case (nil, nil): return .fleet
        case (.some, .some):
            throw Failure(.usage, "give --host or --group, not both", hint: "without either, the whole fleet stops")
        case (let host?, nil):
            let name = try HostName.argument(host)
            guard try await options.select("all").inventory.host(name) != nil else {
                throw Failure(
                    .usage, "the inventory has no host \(name); no flag was set",
                    hint: "`ebb inventory list` shows the hosts")
            }
            return .host(name)
        case (nil, let group?):
            guard try await options.select("all").inventory.groups[group] != nil else {
                throw Failure(
                    .usage, "the inventory has no group \(PrintableText.line(group)); no flag was set",
                    hint: "`ebb inventory graph` shows the groups")
            }
            return .group(group)
        }
    }

    private func list(_ store: Store) async throws {
        var table = TextTable([
            .init("FLAG", .right), .init("STOPS"), .init("UNTIL"), .init("BY"), .init("REASON", shrinks: true),
        ])
        let flags = try await store.stopFlags().filter { $0.isInForce(at: Date()) }
        for stored in flags {
            let flag = stored.flag
            let what =
                switch flag.scope {
                case .fleet: "every host"
                case .group(let group): "group \(group)"
                case .host(let host): host.text
                }
            table.add([
                .init(stored.id.value), .init(what), .init(flag.expiresAt.map(JSONText.instant) ?? "until lifted"),
                .init(flag.author), .init(flag.reason),
            ])
        }
        try options.results.write(table)
        if flags.isEmpty { options.notes.note("no stop flag is in force; `ebb reboot stop --reason …` sets one") }
    }
}

/// `ebb reboot unstop`: lifts a stop flag.
struct RebootUnstopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unstop", abstract: "Lifts a stop flag.").example(
        "ebb reboot unstop 3")

    @Argument(help: "The flag's number.") var flag: Int64

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let store = try options.store(.existing)
        do throws(StoreError) {
            try await store.liftStopFlag(StopFlagID(flag), author: Operator.name, at: Date())
        } catch {
            guard error.code == .notFound else { throw error }
            throw Failure(.usage, error.message, hint: "`ebb reboot stop` lists them")
        }
        options.notes.note("stop flag \(flag) is lifted")
    }
}
