package import ArgumentParser
import EbbClassifier
import EbbEngine
import EbbModel
import EbbPersistence
import EbbProbe
import EbbReport
import EbbTransport

/// `ebb persistence adopt`: moves the data of declared paths to persistent storage.
package struct PersistenceAdoptCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Copies, compares and puts in effect what is declared, on one host.",
        discussion: """
            Works on the paths that the inventory declares with mechanism bind or symlink. Each is \
            copied, flushed, compared byte by byte, and only then takes the place of the original, \
            which stays until a boot has proven the copy. Interrupted at any point, the same \
            command goes on; --rollback goes back.
            """)

    @Argument(help: "The host.")
    var host: String

    @Argument(help: "Only these declared paths; by default every one that is not in effect.")
    var paths: [String] = []

    @Flag(help: "Undo what is not proven by a boot yet.")
    var rollback = false

    @Flag(help: "Stop the services that write to a path while it is moved.")
    var pauseServices = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let fleet = try await Fleet.load(options, pattern: host)
        guard fleet.selected.count == 1, var settings = fleet.selected.first else {
            throw Failure(.usage, "\(fleet.selected.count) hosts match: adopting goes one by one")
        }
        let set = PersistenceSet(settings: settings, catalogue: fleet.catalogue)
        settings.persistence = set.entries
        settings.presets = []
        let entries = try chosen(from: set.entries)
        let engine = try await fleet.engine()
        var table = TextTable([
            .init("PATH", shrinks: true), .init("OUTCOME"), .init("WHAT", shrinks: true),
        ])
        var status = ExitStatus.success
        for entry in entries {
            let (outcome, words) = await adopt(entry, settings, engine)
            let role: TextRole = outcome == .ok || outcome == .changed ? .good : .bad
            table.add([.init(entry.path), .init(outcome.rawValue, role), .init(words)])
            switch outcome {
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

    private func adopt(
        _ entry: PersistenceEntry, _ settings: HostSettings, _ engine: Engine
    ) async -> (Outcome, String) {
        let script: AdoptScript
        do throws(AdoptRefusal) {
            script = try AdoptScript(
                rollback ? .rollback : .adopt, entry: entry, settings: settings,
                nonce: .random(), pausesServices: pauseServices)
        } catch {
            return (.failed, error.message)
        }
        let request = CommandRequest.script(script.bytes, timeout: .seconds(3_600))
            .becoming(settings.connection.become)
        do throws(TransportError) {
            let output = try await engine.transport.withConnection(
                to: settings.connection, timeout: engine.limits.connect
            ) { connection throws(TransportError) in try await connection.run(request) }
            let report = AdoptReport(parsing: output.standardOutput, nonce: script.nonce)
            switch report.end {
            case .unchanged(let text), .changed(let text): return (report.outcome, text)
            case .refused(let refusal): return (.failed, refusal.message)
            case .failed(let code, let message): return (.failed, "\(message) (\(code))")
            case .interrupted:
                let said = ProbeResult.message(output.standardError)
                return (.indeterminate, "it did not come to its end; run it again. \(said)")
            }
        } catch {
            return (error.code.isBeforeCommand ? .unreachable : .indeterminate, error.message)
        }
    }
}
