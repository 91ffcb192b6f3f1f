package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbSetup

/// `ebb persistence adopt`: moves the data of declared paths to persistent storage.
package struct PersistenceAdoptCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Copies, compares and puts in effect what is declared, on one host.",
        discussion: """
            Works on the paths that the inventory declares with mechanism bind or symlink. Each is \
            copied, flushed, compared byte by byte, and only then takes the place of the original, \
            which stays until a boot has proven the copy. After an interruption the \
            same command resumes; --rollback undoes it.
            """
    ).example("ebb persistence adopt db1 /var/lib/postgresql --pause-services")

    @Argument(help: "The host.") var host: String

    @Argument(help: "Only these declared paths; by default every one that is not in effect.") var paths: [String] = []

    @Flag(help: "Undo what is not proven by a boot yet.") var rollback = false

    @Flag(help: "Stop the services that write to a path while it is moved.") var pauseServices = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let fleet = try await Fleet.load(options, pattern: host)
        guard fleet.selected.count == 1, let selected = fleet.selected.first else {
            throw Failure(.usage, "\(fleet.selected.count) hosts match: adopt one at a time")
        }
        let engine = try await fleet.engine()
        let settings = engine.expanded(selected)
        let entries = try chosen(from: settings.persistence)
        var table = TextTable([.init("PATH", shrinks: true), .init("OUTCOME"), .init("WHAT", shrinks: true)])
        var status = ExitStatus.success
        for entry in entries {
            let end = await engine.adopt(rollback ? .rollback : .adopt, entry, settings, pausesServices: pauseServices)
            let role: TextRole = end.outcome == .ok || end.outcome == .changed ? .good : .bad
            table.add([.init(entry.path), .init(end.outcome.rawValue, role), .init(end.message)])
            switch end.outcome {
            case .ok, .changed: break
            case .failed, .skipped: status = status.merged(with: .findings)
            case .unreachable, .indeterminate: status = status.merged(with: .incomplete)
            }
        }
        try options.results.write(table)
        try status.leave()
    }

    private func chosen(from entries: [PersistenceEntry]) throws -> [PersistenceEntry] {
        let movable = entries.filter { $0.mechanism == .bind || $0.mechanism == .symlink }
        guard !paths.isEmpty else { return movable }
        return try paths.map { path in
            guard let entry = movable.first(where: { $0.path == path }) else {
                throw Failure(
                    .usage, "\(path) is not declared for \(host) with mechanism bind or symlink",
                    hint: "declare it first, in host_vars/\(host).yml under ebb: persistence: "
                        + "- {path: \(path), mechanism: bind}")
            }
            return entry
        }
    }
}
