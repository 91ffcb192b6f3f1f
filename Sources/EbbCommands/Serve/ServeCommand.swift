import ArgumentParser
import EbbClassifier
import EbbEngine
import EbbLocal
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization
import SystemPackage
import UnixSignals

/// `ebb serve`: the scheduler, and beside it the process that serves pages.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the scheduler and the dashboard until it is stopped.",
        discussion: """
            Observes every host before its last observation grows old, starts scheduled reboots in \
            their windows, resumes rollouts that a crash left, and verifies the evidence chain once \
            a day. Pages are served by a process of their own, `ebb-dashboard`, which is given \
            no SSH key, no agent and no inventory.

            SIGHUP reads the inventory again. SIGTERM and Ctrl-C stop at once: running rollouts are \
            in the journal, and the next start resumes them.
            """
    ).example("ebb serve --listen 127.0.0.1:8417")

    @Option(
        help: .init("Where the dashboard listens; anything but loopback wants --token-file.", valueName: "address:port")
    ) var listen = ListenAddress(host: "127.0.0.1", port: 8417)

    @Option(help: .init("A file whose first line is the token that clients must show.", valueName: "file"))
    var tokenFile: String?

    @Option(help: .init("The header in which a reverse proxy names who it let through.", valueName: "name"))
    var proxyHeader: String?

    @Flag(help: "Serve no pages; `ebb-dashboard` may be run as a service of its own.") var noDashboard = false

    @Option(help: .init("The program that serves pages. (default: ebb-dashboard beside this one)", valueName: "path"))
    var dashboard: String?

    @Option(
        help: .init(
            "Where to write what pages need of the inventory. (default: beside the database)", valueName: "file"))
    var fleetFile: String?

    @OptionGroup var options: GlobalOptions

    mutating func validate() throws {
        guard listen.isLoopback || tokenFile != nil || noDashboard else {
            throw ValidationError(
                "\(listen.host) can be reached from elsewhere: give --token-file, or listen at "
                    + "127.0.0.1 behind a proxy.")
        }
    }

    func run() async throws {
        let notes = options.notes
        // Before anything else, so that no signal meets its default.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let lock = try ServeLock.take(beside: options.databasePath)
        let store = try Store.open(options.databasePath)
        let fleet = try await Fleet.load(options, pattern: "all", store: store)
        let file = fleetFile ?? options.databasePath + ".fleet.json"
        try write(fleet, to: file)
        let aborts = AbortSwitch()
        let held = HeldRollouts()
        let service = Service(
            try await served(fleet, aborts, held), notes: notes, watch: { RolloutWatcher(notes: notes, post: $0).take })
        notes.note(
            "serving \(fleet.all.count) hosts; \(fleet.all.count { $0.reboot.isScheduled }) of them "
                + "are rebooted by schedule")
        let pages = try noDashboard ? nil : dashboardProcess(file)
        await withDiscardingTaskGroup { group in
            group.addTask { await service.run() }
            if let pages { group.addTask { await pages.supervise() } }
            for await signal in signals {
                if signal == .sighup {
                    do {
                        let fleet = try await Fleet.load(options, pattern: "all", store: store)
                        try write(fleet, to: file)
                        service.replace(try await served(fleet, aborts, held))
                        notes.note("the inventory was read again: \(fleet.all.count) hosts")
                    } catch {
                        notes.problem(
                            "the new inventory cannot be used, the old one stays in force: see `ebb inventory check`, "
                                + "then reload", error)
                    }
                    continue
                }
                notes.note("stopping; running rollouts are in the journal")
                await pages?.stop()
                lock.release()
                // Tasks that are under way have nothing to undo: what they do is journaled before
                // it is done, and a cancelled wait must not become a verdict.
                _exit(ExitStatus.success.rawValue)
            }
        }
    }

    private func served(_ fleet: Fleet, _ aborts: AbortSwitch, _ held: HeldRollouts) async throws -> Service.Fleet {
        Service.Fleet(driver: try await fleet.driver(aborts: aborts, held: held), settings: fleet.settings)
    }

    /// Writes what pages need of the inventory, for its owner alone; secrets are written as dots.
    private func write(_ fleet: Fleet, to file: String) throws {
        // Pages know no catalogue: its presets are written out.
        let hosts = fleet.all.map { settings in
            var settings = settings
            (settings.persistence, settings.presets) = (settings.persistenceSet(fleet.catalogue), [])
            return settings
        }
        try WholeFile.write(try JSONText.encoded(hosts), to: file, isPrivate: true)
    }

    private func dashboardProcess(_ file: String) throws -> DashboardProcess {
        let program = try dashboard ?? Self.besideThisProgram()
        var arguments = [
            "--database", options.databasePath, "--fleet", file, "--host", listen.host, "--port", "\(listen.port)",
            "--until-input-ends",
        ]
        if let tokenFile { arguments += ["--token-file", tokenFile] }
        if let proxyHeader { arguments += ["--proxy-header", proxyHeader] }
        return DashboardProcess(program: program, arguments: arguments, notes: options.notes)
    }

    private static func besideThisProgram() throws -> String {
        let files = FileManager.default
        let own = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var places = ProcessVariable.named("PATH")?.split(separator: ":").map(String.init) ?? []
        if let own, let end = own.lastIndex(of: "/") { places.insert(String(own[..<end]), at: 0) }
        let found = places.map { $0 + "/ebb-dashboard" }.first { files.isExecutableFile(atPath: $0) }
        guard let found else {
            throw Failure(
                .usage, "ebb-dashboard is neither beside ebb nor in PATH",
                hint: "name it with --dashboard, or serve no pages with --no-dashboard")
        }
        return found
    }
}

/// An address and a port on the command line, such as `127.0.0.1:8417` or `[::1]:8417`.
struct ListenAddress: Sendable, Hashable, ExpressibleByArgument {
    let host: String
    let port: Int

    init(host: String, port: Int) { (self.host, self.port) = (host, port) }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.hasPrefix("-") else { return nil }
        self.init(host: String(host), port: port)
    }

    var defaultValueDescription: String { "\(host):\(port)" }

    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        // `127.example.org` is no loopback address.
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// Keeps a second `ebb serve` away from the same database; the kernel lets go of it with the process.
struct ServeLock: Sendable {
    private let descriptor: Int32

    static func take(beside database: String) throws -> ServeLock {
        let path = database + ".serve"
        let directory = BytePath(path).parent.text ?? "."
        if path.contains("/"), !FileManager.default.fileExists(atPath: directory) {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.toolFailure, "cannot write beside the database", cause: SystemError("open", path))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(
                .incomplete, "another `ebb serve` runs with this database", hint: "`fuser \(path)` names its process")
        }
        return ServeLock(descriptor: descriptor)
    }

    func release() { close(descriptor) }
}

/// The process that serves pages: started, started again when it ends, ended with this one.
///
/// It inherits next to nothing: no agent, no home, no variables but those named here. Its standard
/// input is a pipe that this process keeps open; when this process ends, however it ends, the pipe
/// does too, and the pages go.
final class DashboardProcess: Sendable {
    private static let kept = ["PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH"]

    private let program: String
    private let arguments: [String]
    private let notes: Notes
    private let isStopping = Mutex(false)
    private let running = Mutex<Int32?>(nil)

    init(program: String, arguments: [String], notes: Notes) {
        (self.program, self.arguments, self.notes) = (program, arguments, notes)
    }

    /// Keeps it running; the pause between starts grows while it does not stay.
    func supervise() async {
        var pause = 1
        while !isStopping.withLock(\.self) {
            let begin = ContinuousClock.now
            let ended = await run()
            guard !isStopping.withLock(\.self) else { return }
            if ContinuousClock.now - begin > .seconds(60) { pause = 1 }
            notes.problem("ebb-dashboard ended (\(ended)); it is started again in \(pause) s")
            try? await Task.sleep(for: .seconds(pause))
            pause = min(pause * 2, 60)
        }
    }

    /// Asks it to end, and waits a moment for what it is answering.
    func stop() async {
        isStopping.withLock { $0 = true }
        guard let process = running.withLock(\.self) else { return }
        kill(process, SIGTERM)
        for _ in 0..<50 where running.withLock({ $0 != nil }) { try? await Task.sleep(for: .milliseconds(100)) }
    }

    private func run() async -> String {
        var variables: [Environment.Key: String] = [:]
        for name in Self.kept {
            if let value = ProcessVariable.named(name) { variables[Environment.Key(stringLiteral: name)] = value }
        }
        do {
            let result = try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom(variables),
                input: .inputWriter, output: .sequence, error: .combinedWithOutput
            ) { [self] execution in
                running.withLock { $0 = execution.processIdentifier.value }
                // What it says goes to this process's log; the end of it is the end of the process.
                for try await buffer in execution.standardOutput {
                    let text = buffer.withUnsafeBytes { PrintableText.block(Array($0)) }
                    Terminal.error.write(text)
                }
                // Held until now, and never written to.
                try? await execution.standardInputWriter.finish()
            }
            running.withLock { $0 = nil }
            return "\(result.terminationStatus)"
        } catch {
            running.withLock { $0 = nil }
            return "\(error)"
        }
    }
}
