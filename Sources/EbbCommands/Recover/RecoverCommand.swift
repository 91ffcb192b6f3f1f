import ArgumentParser
import EbbEngine
import EbbModel
import EbbProbe
import EbbReport
import EbbTransport

/// `ebb recover`: brings back what a reboot erased and a safety copy has.
struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "Lists safety copies on a host, or brings a path back.",
        discussion: """
            Where `ebb.reboot.safety_copy` is set, what nobody had accounted for is copied to \
            persistent storage before a reboot erases it. Without a path this lists what the \
            copies hold. With one, the path and all that is below it come back to where they \
            were; what is there now is not replaced unless --replace says so. What comes back \
            lies on the root that the next boot erases: declare it, if it is to stay.
            """
    ).example("ebb recover db1 /root/notes")

    @Argument(help: "The host.") var host: String

    @Argument(help: "The path to bring back.") var path: String?

    @Option(help: "Which copy; by default the newest that has the path.") var copy: String?

    @Flag(help: "Replace what is there now.") var replace = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        if let path, !path.hasPrefix("/") {
            throw Failure(.usage, "\(PrintableText.line(path)) is not an absolute path", hint: "begin it with “/”")
        }
        let (fleet, settings) = try await Fleet.one(options, host)
        let engine = try await fleet.engine()
        let copies = try await engine.safetyCopies(on: settings)
        guard let path else { return try list(copies) }
        guard let chosen = copies.newest(holding: path, named: copy) else {
            throw Failure(
                .findings, "no safety copy on \(host) holds \(path)", hint: "`ebb recover \(host)` lists what they hold"
            )
        }
        let restored = try await engine.restore(path, from: chosen, replacing: replace, on: settings)
        try options.results.write(restored.map { "/" + PrintableText.line($0) + "\n" }.joined())
        options.notes.note("\(restored.count) paths are back on \(host), out of \(chosen)")
    }

    private func list(_ copies: SafetyCopyListing) throws {
        var table = TextTable([.init("COPY"), .init("SIZE", .right), .init("PATH", shrinks: true)])
        for entry in copies.entries { table.add([.init(entry.copy), .init(entry.size), .init(entry.path)]) }
        try options.results.write(table)
        if copies.entries.isEmpty {
            options.notes.note("\(host) has no safety copies; ebb.reboot.safety_copy makes one before each reboot")
        }
    }
}
