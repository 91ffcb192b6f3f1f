import ArgumentParser
import EbbClassifier
import EbbEngine
import EbbInventory
import EbbLocal
import EbbModel
import EbbPlan
import EbbReport
import EbbSSH
import EbbStore
import EbbTransport
import FoundationEssentials
import Glibc
import Synchronization

/// Hosts of a pattern, beside the options of every command.
protocol HostsArguments: ParsableArguments {
    /// Which hosts, as Ansible users write it.
    var pattern: String { get }
    var options: GlobalOptions { get }
}

/// All hosts, unless a pattern says otherwise: for a command that only reads.
struct ChosenHosts: HostsArguments {
    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @OptionGroup var options: GlobalOptions
}

/// Only hosts that were named: for a command that changes them.
struct NamedHosts: HostsArguments {
    @Argument(help: "Which hosts; an Ansible pattern.") var pattern: String

    @OptionGroup var options: GlobalOptions
}

/// A command about the hosts of a pattern.
protocol FleetCommand: AsyncParsableCommand {
    associatedtype Hosts: HostsArguments
    var chosen: Hosts { get }
}

extension FleetCommand {
    var options: GlobalOptions { chosen.options }

    /// What every such command begins with: the format that it will write, and its hosts.
    func open(_ formats: [OutputFormat] = [.table, .json]) async throws -> (format: OutputFormat, fleet: Fleet) {
        let format = try options.format(among: formats)
        return (format, try await Fleet.load(options, pattern: chosen.pattern))
    }
}

extension GlobalOptions {
    /// The whole inventory and everything that is wrong with it; throws where there is none.
    ///
    /// Without a catalogue the names of presets stay unchecked.
    func inventory(presets catalogue: Catalogue?) async throws -> InventoryReader.Reading {
        var reading = try await loader.load(presets: catalogue?.presets.keys.sorted())
        reading.problems += reading.inventory.windowProblems
        return reading
    }

    /// Reads and checks the whole inventory, and chooses the hosts of a pattern.
    func select(_ pattern: String, presets catalogue: Catalogue?) async throws -> Selection {
        try Selection.choose(pattern, limitedTo: limit, of: try await inventory(presets: catalogue), notes: notes)
    }

    /// As above, with the names of presets checked.
    func select(_ pattern: String) async throws -> Selection {
        try await select(pattern, presets: try loader.catalogue())
    }
}

extension Inventory {
    /// Windows that together leave no maintenance window, each once for all hosts that have it.
    fileprivate var windowProblems: [SourceProblem] {
        let users = Dictionary(grouping: hosts) { $0.settings.reboot.windows }
        return users.compactMap { windows, hosts in
            do throws(InvalidWindow) {
                _ = try MaintenanceCalendar(windows: windows)
                return nil
            } catch {
                let place = hosts[0].origins.first { $0.key.hasPrefix("ebb.reboot.window") }?.location
                let others = hosts.count > 1 ? " and \(Counted.text(hosts.count - 1, "more host"))" : ""
                return SourceProblem(at: place, "\(error.description); it concerns \(hosts[0].name.text)\(others)")
            }
        }.sorted { $0.description < $1.description }
    }
}

/// The hosts that a command is about, and the parts that work on them, composed in one place.
final class Fleet: Sendable {
    /// The chosen hosts, in the inventory's order.
    let selected: [HostSettings]
    /// Every host of the inventory; those that were not chosen as the inventory alone has them.
    let all: [HostSettings]
    /// What holds for the controller.
    let settings: FleetSettings
    /// What is known of paths: Ebb's own catalogue, and what the inventory's `catalogue.yml` adds.
    let catalogue: Catalogue
    private let openSSH: OpenSSHSettings
    private let options: GlobalOptions
    private let parts: Mutex<Parts>

    private struct Parts {
        var store: Store?
        var transports: [AutoTransport] = []
        /// For work of several operations; made once, so that they share connections.
        var engine: Engine?
    }

    /// Reads the inventory and chooses; throws a usage error that lists every problem at once.
    ///
    /// A process that reads the inventory again brings the store that it has opened. Who asks nothing
    /// about paths needs no catalogue, and no names of presets to be checked.
    static func load(_ options: GlobalOptions, pattern: String, store: Store? = nil, hasCatalogue: Bool = true)
        async throws -> Fleet
    {
        let catalogue = hasCatalogue ? try options.loader.catalogue() : Catalogue(entries: [])
        let selection = try await options.select(pattern, presets: hasCatalogue ? catalogue : nil)
        let openSSH = OpenSSHSettings(selection.inventory.hosts, home: ProcessVariable.home)
        // The chosen ones at once: what is wrong with `ssh -G` is reported before anything begins.
        let answers = await fanOut(over: selection.hosts, limit: 4) { host in
            await Result { () async throws(ProgramFailure) in
                var settings = host.settings
                settings.connection = try await openSSH.completed(settings.connection)
                return settings
            }
        }
        let chosen = try zip(selection.hosts, answers).map { host, answer in
            do { return try answer.get() } catch {
                throw Failure(
                    .toolFailure, "\(host.name.text): OpenSSH's settings cannot be read",
                    hint: "`ssh -G \(host.name.text)` shows what is wrong", cause: error)
            }
        }
        return Fleet(selection, chosen, catalogue, openSSH, options, store)
    }

    /// As `load`, for a command that takes one host.
    static func one(_ options: GlobalOptions, _ pattern: String) async throws -> (Fleet, HostSettings) {
        let fleet = try await load(options, pattern: pattern)
        guard fleet.selected.count == 1, let settings = fleet.selected.first else {
            let names = fleet.selected.prefix(3).map(\.host.text).joined(separator: ", ")
            throw Failure(
                .usage, "\(fleet.selected.count) hosts match \(pattern): this command takes one at a time",
                hint: "name one: \(names)" + (fleet.selected.count > 3 ? " …" : ""))
        }
        return (fleet, settings)
    }

    private init(
        _ selection: Selection, _ chosen: [HostSettings], _ catalogue: Catalogue, _ openSSH: OpenSSHSettings,
        _ options: GlobalOptions, _ store: Store?
    ) {
        (self.catalogue, self.openSSH, self.options) = (catalogue, openSSH, options)
        selected = chosen
        let completed = Dictionary(chosen.map { ($0.host, $0) }, uniquingKeysWith: { first, _ in first })
        all = selection.inventory.hosts.map { completed[$0.name] ?? $0.settings }
        settings = selection.inventory.fleet
        parts = Mutex(Parts(store: store))
    }

    /// The database, opened once, and made where it is missing; `use` is for a command that only reads.
    func store(_ use: StoreUse = .made, isBrief: Bool = false) async throws -> Store {
        try parts.withLock { parts in
            if let store = parts.store { return store }
            let store = try options.store(use, isBrief: isBrief)
            parts.store = store
            return store
        }
    }

    /// Everything that work on hosts needs.
    ///
    /// It refuses a machine other than the recorded one, save for who wants to find that out. Where one
    /// operation follows another, a host's connection is kept for the next one, and its record is read
    /// each time; a command that does one thing on each host needs neither.
    func engine(verifyingMachines: Bool = true, forOneOperation: Bool = false) async throws -> Engine {
        let isShared = verifyingMachines && !forOneOperation
        if isShared, let engine = parts.withLock(\.engine) { return engine }
        let notes = options.notes
        let store = try await store(isBrief: forOneOperation)
        let auto = AutoTransport(
            libssh2: SSHTransport(prompt: SecretDialogue.prompt, keeping: forOneOperation ? .zero : Self.keptFor),
            notice: { notes.warning($0) })
        parts.withLock { $0.transports.append(auto) }
        let limited = LimitedTransport(auto, connections: options.parallel, pause: SSHTransport.pause)
        let recorded = forOneOperation ? try await store.lastIdentities(.machineID) : nil
        // Hosts beyond the chosen ones too, such as those of an interrupted rollout.
        let openSSH = openSSH
        @Sendable func completed(_ connection: ConnectionSettings) async throws(TransportError) -> ConnectionSettings {
            do throws(ProgramFailure) { return try await openSSH.completed(connection) } catch {
                throw TransportError(
                    .controllerFailed, phase: .resolve, host: connection.host,
                    "OpenSSH's settings cannot be read: \(error.message).", cause: error)
            }
        }
        let verified = VerifiedTransport(limited, completed: completed) { host throws(TransportError) in
            if let recorded { return recorded[host] }
            guard verifyingMachines else { return nil }
            do throws(StoreError) { return try await store.identities(of: host, .machineID).first?.value } catch {
                throw TransportError(
                    .controllerFailed, phase: .resolve, host: host,
                    "Which machine was recorded for the host cannot be read.", cause: error)
            }
        }
        let engine = Engine(
            transport: verified, store: store, catalogue: catalogue,
            limits: EngineLimits(
                connect: options.connectTimeout.duration, command: options.timeout.duration, parallel: options.parallel),
            checkOutside: { check, connection, limit in
                do throws(TransportError) {
                    return await HealthProbe.problem(check, of: try await completed(connection), within: limit)
                } catch { return error.message }
            }, toolVersion: EbbCommand.version)
        if isShared { parts.withLock { $0.engine = engine } }
        return engine
    }

    /// What rollouts over these hosts are driven with; `watcher` is told what happens.
    func driver(
        aborts: AbortSwitch = AbortSwitch(), held: HeldRollouts = HeldRollouts(), _ watcher: RolloutWatcher? = nil
    ) async throws -> RolloutDriver {
        RolloutDriver(engine: try await engine(), fleet: all, aborts: aborts, held: held, tell: { watcher?.take($0) })
    }

    /// How long a connection that nobody uses is kept for the next operation.
    private static let keptFor = Duration.seconds(10)

    /// Ends what was opened.
    func shutdown() async { for transport in parts.withLock(\.transports) { await transport.shutdown() } }
}

/// The person who runs Ebb, as records name them.
enum Operator {
    /// The user behind `sudo` where there is one, else the user of the process.
    static var name: String {
        if let name = ProcessVariable.named("SUDO_USER") { return name }
        if let entry = getpwuid(getuid()), let name = entry.pointee.pw_name { return String(cString: name) }
        return "uid \(getuid())"
    }
}

extension Notes {
    /// Names the hosts of which the database kept nothing; what the others gave is shown all the same.
    ///
    /// - Returns: What that means for the exit of the command.
    func problems(_ failed: [(host: HostName, error: StoreError)]) -> ExitStatus {
        for (host, error) in failed { problem("\(host): nothing is known: \(error.message)") }
        return failed.isEmpty ? .success : .incomplete
    }
}

/// Asks the person at the terminal for secrets, without showing what is typed.
enum SecretDialogue {
    /// The way to ask; nil where this process has no terminal, as under a scheduler.
    static var prompt: SecretPrompt? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return nil }
        close(terminal)
        return { ask($0) }
    }

    private static func text(of question: SecretQuestion) -> String {
        switch question {
        case .passphrase(let file): "Passphrase of \(file): "
        case .password(let user): "Password of \(user) on the hosts that ask for one: "
        }
    }

    /// Reads one line; nil when it is empty, or the terminal went away.
    private static func ask(_ question: SecretQuestion) -> Secret? {
        guard let file = fopen("/dev/tty", "r+e") else { return nil }
        defer { fclose(file) }
        let descriptor = fileno(file)
        var shown = termios()
        guard tcgetattr(descriptor, &shown) == 0 else { return nil }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        // Ctrl-C would leave the terminal silent: it comes as a character, and is sent on below.
        hidden.c_lflag &= ~tcflag_t(ISIG)
        tcsetattr(descriptor, TCSAFLUSH, &hidden)
        fputs(PrintableText.line(text(of: question)), file)
        fflush(file)
        var line: [UInt8] = []
        while case let byte = getc(file), byte != EOF, byte != 10, line.count < 1024 {
            line.append(UInt8(truncatingIfNeeded: byte))
        }
        tcsetattr(descriptor, TCSAFLUSH, &shown)
        fputs("\n", file)
        if line.contains(3) {
            kill(getpid(), SIGINT)
            return nil
        }
        return line.isEmpty ? nil : Secret(String(decoding: line, as: UTF8.self))
    }
}
