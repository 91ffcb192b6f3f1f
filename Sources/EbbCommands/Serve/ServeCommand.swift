package import ArgumentParser
import EbbEngine
import EbbLocal
import EbbModel
import EbbStore
import FoundationEssentials
import Glibc
import UnixSignals

/// `ebb serve`: the scheduler, and beside it the process that serves pages.
package struct ServeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
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
        help: ArgumentHelp(
            "Where the dashboard listens; anything but loopback wants --token-file.", valueName: "address:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 8417)

    @Option(help: ArgumentHelp("A file whose first line is the token that clients must show.", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("The header in which a reverse proxy names who it let through.", valueName: "name"))
    var proxyHeader: String?

    @Flag(help: "Serve no pages; `ebb-dashboard` may be run as a service of its own.") var noDashboard = false

    @Option(
        help: ArgumentHelp("The program that serves pages. (default: ebb-dashboard beside this one)", valueName: "path")
    ) var dashboard: String?

    @Option(
        help: ArgumentHelp(
            "Where to write what pages need of the inventory. (default: beside the database)", valueName: "file"))
    var fleetFile: String?

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package mutating func validate() throws {
        guard listen.isLoopback || tokenFile != nil || noDashboard else {
            throw ValidationError(
                "\(listen.host) can be reached from elsewhere: give --token-file, or listen at "
                    + "127.0.0.1 behind a proxy.")
        }
    }

    package func run() async throws {
        let notes = options.notes
        // Before anything else, so that no signal meets its default.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let lock = try ServeLock.take(beside: options.databasePath)
        let store = try Store.open(options.databasePath)
        let fleet = try await Fleet.load(options, pattern: "all", store: store)
        let file = FleetFile(path: fleetFile ?? options.databasePath + ".fleet.json")
        try file.write(fleet)
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
                        try file.write(fleet)
                        service.replace(try await served(fleet, aborts, held))
                        notes.note("the inventory was read again: \(fleet.all.count) hosts")
                    } catch { notes.problem("the inventory is not taken over, the one before stays in force", error) }
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

    private func dashboardProcess(_ file: FleetFile) throws -> DashboardProcess {
        let program = try dashboard ?? Self.besideThisProgram()
        var arguments = [
            "--database", options.databasePath, "--fleet", file.path, "--host", listen.host, "--port", "\(listen.port)",
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
                .usage, "the program ebb-dashboard is nowhere",
                hint: "name it with --dashboard, or serve no pages with --no-dashboard")
        }
        return found
    }
}
