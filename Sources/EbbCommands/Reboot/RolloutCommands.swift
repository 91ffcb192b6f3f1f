import ArgumentParser
import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials
import Glibc
import Synchronization
import UnixSignals

/// `ebb reboot status`: where each host of a rollout stands.
struct RebootStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows where each host of a rollout stands.",
        discussion: """
            Without a number: the newest rollout. Below it every slot that is held, whoever holds it: why, since \
            when, and what ends it. Asks no host.
            """
    ).example("ebb reboot status 7 --watch")

    @Argument(help: "The rollout's number.") var rollout: Int64?

    @Flag(help: "Follow it until it ends.") var watch = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let store = try options.store(.existing)
        let id: RolloutID
        if let rollout {
            id = try await RolloutDriver.chosen(rollout, in: store).id
        } else if let newest = try await store.rollouts(limit: 1).first {
            id = newest.id
        } else {
            throw Failure(
                .incomplete, "no rollout was ever started with the database \(options.databasePath)",
                hint: "start one with `ebb reboot run PATTERN`, or name the right --database")
        }
        if watch { try await RolloutFollower(store: store, notes: options.notes).follow(id) }
        let slots = try await store.heldSlots(at: Date())
        try await options.show(id, in: store, as: format, slots: slots)
    }
}

/// `ebb reboot resume`: resumes a rollout whose process ended.
struct RebootResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Resumes a rollout whose process has ended.",
        discussion: """
            What happened to each host is read from the journal and from the host itself: its boot \
            id, and the mark that the reboot left in /run. No host is rebooted twice for one attempt.
            """
    ).example("ebb reboot resume 7")

    @Argument(help: "The rollout's number; by default the newest that is not finished.") var rollout: Int64?

    @Flag(help: "Reboot although paths at risk would be lost.") var acceptLoss = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: "all")
        let stored = try await RolloutDriver.chosen(rollout, in: try await fleet.store(.existing))
        let number = stored.id.value
        guard stored.state == .running else { throw RolloutDriver.hasEnded(stored, nothingTo: "resume") }
        if ControllerProcess.isRunning(stored.controller) == true {
            throw Failure(
                .incomplete, "process \(stored.controller.pid) still runs rollout \(number)",
                hint: "follow it with `ebb reboot status \(number) --watch`, or end it with "
                    + "`ebb reboot abort \(number) --reason …`")
        }
        try await options.resume(stored, over: fleet, acceptsLoss: acceptLoss, as: format)
    }
}

/// `ebb reboot abort`: stops a rollout from starting more hosts.
struct RebootAbortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Stops a rollout from starting more hosts.",
        discussion: """
            Hosts that were told to reboot come to their end and are judged; the others are left \
            alone. The process that runs the rollout notices within a second or two, wherever it \
            runs; where it has ended, this one finds out what became of the hosts. Who aborted it \
            and why is recorded.
            """
    ).example("ebb reboot abort 7 --reason 'the first wave lost data'")

    @Argument(help: "The rollout's number; by default the newest that is not finished.") var rollout: Int64?

    @OptionGroup var decision: DecisionOptions

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let store = try options.store(.existing)
        let (author, reason) = try decision.signed()
        let stored = try await RolloutDriver.chosen(rollout, in: store)
        let end = try await RolloutDriver.abort(stored, author: author, reason: reason, in: store)
        let who = "\(stored.controller.hostname), process \(stored.controller.pid)"
        switch end {
        case .isRunning:
            options.notes.note(
                "rollout \(stored.id.value) reboots no more hosts; \(who) waits for those under "
                    + "way (`ebb reboot status \(stored.id.value)`)")
        case .isElsewhere:
            options.notes.warning(
                "recorded; whether \(who) still runs cannot be seen from here; "
                    + "`ebb reboot resume \(stored.id.value)` ends it where that process is gone")
        case .isAbandoned:
            let fleet = try await Fleet.load(options, pattern: "all", store: store)
            try await options.resume(stored, over: fleet, startingMore: false, as: format)
        }
    }
}

/// `ebb reboot override`: a person's decision about a host that nobody can prove.
struct RebootOverrideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "override", abstract: "Frees a host's slot on your word, and records why.",
        discussion: """
            The verdict stays what the evidence made it; that the host counts as available again is \
            recorded with who decided it and why: how the host is known to be well.
            """
    ).example("ebb reboot override 7 db1 --reason 'checked on the console'")

    @Argument(help: "The rollout's number.") var rollout: Int64

    @Argument(help: "The host.") var host: String

    @OptionGroup var decision: DecisionOptions

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let name = try HostName.argument(host)
        let (author, reason) = try decision.signed()
        let store = try options.store(.existing)
        let isFree = try await RolloutDriver.override(
            RolloutID(rollout), name, author: author, reason: reason, in: store)
        if isFree {
            options.notes.note("\(host): recorded; its slot is free, its verdict is unchanged")
        } else {
            options.notes.warning(
                "\(host): recorded; its attempt is under way and holds its slot until it ends: "
                    + "`ebb reboot status \(rollout) --watch` follows it, `ebb reboot abort \(rollout) --reason …` "
                    + "ends the rollout")
        }
    }
}

extension GlobalOptions {
    /// Takes a rollout over, runs it to its end, and writes how it ended.
    func resume(
        _ stored: StoredRollout, over fleet: Fleet, acceptsLoss: Bool = false, startingMore: Bool = true,
        as format: OutputFormat
    ) async throws {
        let aborts = await Interrupts.trap(notes: notes)
        try await RolloutWatcher.lend(fleet.settings, notes: notes) { watcher in
            try await fleet.driver(aborts: aborts, watcher).resume(
                stored, acceptsLoss: acceptsLoss, startingMore: startingMore)
        }
        await fleet.shutdown()
        try await show(stored.id, in: try await fleet.store(), as: format, isInterrupted: aborts.isThrown)
    }

    /// Writes one rollout as the database has it, and leaves with its exit status.
    func show(
        _ id: RolloutID, in store: Store, as format: OutputFormat, isInterrupted: Bool = false, slots: [HeldSlot]? = nil
    ) async throws {
        var report = try await store.rolloutReport(id, isInterrupted: isInterrupted)
        report.slots = slots
        try results.write(as: format, json: report.json) { report.text(width: $0, color: $1) }
        try report.exitStatus.leave()
    }
}

/// Follows a rollout in the database, whoever runs it, until it ends or nobody runs it any more.
struct RolloutFollower: Sendable {
    let store: Store
    let notes: Notes

    func follow(_ id: RolloutID) async throws {
        let isDrawn = RolloutScreen.isPossible(notes)
        defer { if isDrawn { Terminal.error.showLive("") } }
        var last: [HostName: String] = [:]
        while true {
            let report = try await store.rolloutReport(id)
            if isDrawn {
                let size = Terminal.error.size
                let text = report.text(width: size.columns - 1, color: notes.isColored)
                Terminal.error.showLive(Self.fitted(text, to: size.rows - 1))
            } else {
                for host in report.hosts {
                    let line = [host.state.rawValue, host.reason ?? "", host.message].filter { !$0.isEmpty }.joined(
                        separator: ", ")
                    guard last[host.host] != line else { continue }
                    last[host.host] = line
                    notes.note("\(host.host): \(line)")
                }
            }
            guard report.state == RolloutState.running.rawValue else { return }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// The heading, as many hosts as fit, and the summary at the end.
    private static func fitted(_ text: String, to rows: Int) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard lines.count > rows, rows > 4 else { return text }
        let shown = lines.prefix(rows - 3) + ["…"] + lines.suffix(2)
        return shown.map { $0 + "\n" }.joined()
    }
}

/// Turns Ctrl-C and SIGTERM into a request to come to an end; the second one ends the process.
enum Interrupts {
    private static let shared = Mutex<AbortSwitch?>(nil)

    /// The switch of this process, which the first signal throws; whoever asks first says what is told.
    ///
    /// Asked for before anything is begun, so that no phase of a command misses the signal.
    static func trap(
        notes: Notes,
        first: String = "no more hosts will be rebooted; waiting for those under way (once more: leave now)",
        second: String = "Exiting; continue with `ebb reboot resume`."
    ) async -> AbortSwitch {
        if let aborts = shared.withLock(\.self) { return aborts }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let aborts = AbortSwitch()
        shared.withLock { $0 = aborts }
        // Awaited by nobody: it lives as long as the process and ends it at the second signal.
        Task {
            for await _ in signals {
                guard !aborts.isThrown else {
                    notes.problem(second)
                    exit(ExitStatus.interrupted.rawValue)
                }
                notes.warning(first)
                aborts.abort()
            }
        }
        return aborts
    }
}
