package import ArgumentParser
import EbbEngine
import EbbModel
import EbbProbe
import EbbReport
import EbbTransport

/// `ebb recover`: brings back what a reboot erased and a safety copy has.
package struct RecoverCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "Lists safety copies on a host, or brings a path back.",
        discussion: """
            Where `ebb.reboot.safety_copy` is set, what nobody had accounted for is copied to \
            persistent storage before a reboot erases it. Without a path this lists what the \
            copies hold. With one, the path and all that is below it come back to where they \
            were; what is there now is not replaced unless --replace says so. What comes back \
            lies on the root that the next boot erases: declare it, if it is to stay.
            """)

    @Argument(help: "The host.")
    var host: String

    @Argument(help: "The path to bring back.")
    var path: String?

    @Option(help: "Which copy; by default the newest that has the path.")
    var copy: String?

    @Flag(help: "Replace what is there now.")
    var replace = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let fleet = try await Fleet.load(options, pattern: host)
        guard fleet.selected.count == 1, let settings = fleet.selected.first else {
            throw Failure(.usage, "\(host) is more than one host")
        }
        guard let mount = settings.persist.first?.mount else {
            throw Failure(.usage, "\(host) has no persistent storage declared (ebb.persist)")
        }
        let engine = try await fleet.engine()
        let copies = SafetyCopyListing(
            try await output(
                of: ProbeScript.Probe(
                    name: "copies", shell: SafetyCopyShell.list(mount: mount), limit: 120),
                engine, settings))
        guard let path else { return try list(copies) }
        guard path.hasPrefix("/") else {
            throw Failure(.usage, "a path on the host begins with “/”")
        }
        guard let chosen = copies.newest(holding: path, named: copy) else {
            throw Failure(
                .findings, "no safety copy on \(host) holds \(path)",
                hint: "`ebb recover \(host)` lists what they hold")
        }
        let restored = try await output(
            of: ProbeScript.Probe(
                name: "restore",
                shell: SafetyCopyShell.restore(
                    BytePath(path), from: chosen, mount: mount, replacing: replace), limit: 280),
            engine, settings)
        let lines = String(decoding: restored, as: UTF8.self).split(separator: "\n")
        try options.results.write(
            lines.map { "/" + PrintableText.line(String($0)) + "\n" }.joined())
        options.notes.note("\(lines.count) paths are back on \(host), out of \(chosen)")
    }

    private func output(
        of probe: ProbeScript.Probe, _ engine: Engine, _ settings: HostSettings
    ) async throws -> [UInt8] {
        let answer: HostAnswer
        do throws(TransportError) {
            answer = try await engine.ask(settings, [probe])
        } catch {
            throw Failure(.incomplete, "\(host) could not be asked", cause: error)
        }
        guard let result = answer.report.results[probe.name], result.status == 0 else {
            let said = ProbeResult.message(
                answer.report.results[probe.name]?.standardError ?? [])
            throw Failure(.findings, "\(host): \(said)")
        }
        return result.output
    }

    private func list(_ copies: SafetyCopyListing) throws {
        var table = TextTable([.init("COPY"), .init("SIZE", .right), .init("PATH", shrinks: true)])
        for entry in copies.entries {
            table.add([.init(entry.copy), .init(entry.size), .init(entry.path)])
        }
        try options.results.write(table)
        if copies.entries.isEmpty { options.notes.note("\(host) has no safety copies") }
    }
}
