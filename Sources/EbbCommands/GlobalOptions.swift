package import ArgumentParser
import EbbClassifier
import EbbLocal
package import EbbModel
import EbbReport

/// The options that every command understands.
package struct GlobalOptions: ParsableArguments, Sendable {
    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp("Inventory directory or file. (EBB_INVENTORY; default: inventory)", valueName: "path"))
    package var inventory: String?

    @Option(
        help: ArgumentHelp(
            "Database file. (EBB_DATABASE; default: ebb/ebb.sqlite in $XDG_STATE_HOME)", valueName: "path")) package
        var database: String?

    @Option(
        name: [.customShort("l"), .long],
        help: ArgumentHelp("Only the hosts that match this pattern too.", valueName: "pattern")) package var limit:
        String?

    @Option(help: "How to print results; each command lists its formats.") package var format: OutputFormat = .table

    @Option(help: "When to color. (NO_COLOR is honored)") package var color: ColorChoice = .auto

    @Option(help: ArgumentHelp("How many hosts to talk to at once.", valueName: "number")) package var parallel = 64

    @Option(help: "How long connecting and authenticating may take.") package var connectTimeout = SpanArgument(
        seconds: 15)

    @Option(help: "How long one command on one host may take.") package var timeout = SpanArgument(seconds: 300)

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("Write results to this file, whole or not at all.", valueName: "file")) package var output:
        String?

    @Flag(name: [.customShort("v"), .long], help: "Report more on standard error; twice for even more.") package
        var verbose: Int

    @Flag(name: [.customShort("q"), .long], help: "Report only problems on standard error.") package var quiet = false

    package init() {}

    package mutating func validate() throws {
        guard (1...10_000).contains(parallel) else {
            throw ValidationError("--parallel wants a number from 1 to 10000, not \(parallel).")
        }
    }

    /// Where the inventory is.
    package var inventoryPath: String { inventory ?? ProcessVariable.named("EBB_INVENTORY") ?? "inventory" }

    /// Where the database is.
    package var databasePath: String {
        if let chosen = database ?? ProcessVariable.named("EBB_DATABASE") { return chosen }
        let state = ProcessVariable.named("XDG_STATE_HOME") ?? ProcessVariable.home + "/.local/state"
        return state + "/ebb/ebb.sqlite"
    }

    /// The chosen format, or a usage error that names those that the command has.
    package func format(among known: [OutputFormat]) throws -> OutputFormat {
        if known.contains(format) { return format }
        let names = known.map(\.rawValue).joined(separator: ", ")
        throw Failure(.usage, "this command has no format \(format.rawValue)", hint: "one of: \(names)")
    }

    /// Where results go.
    package var results: ResultOutput { ResultOutput(file: output, color: color) }

    /// Where progress goes: standard error, as quiet or talkative as asked.
    package var notes: Notes {
        let isColored = Terminal.error.wantsColor(color)
        return Notes(level: quiet ? -1 : verbose, isColored: isColored) { kind, text in
            let role: TextRole =
                switch kind {
                case .problem: .bad
                case .warning: .warning
                case .note: .plain
                case .detail: .muted
                }
            Terminal.error.write(role.paint(PrintableText.block(text.utf8), color: isColored) + "\n")
        }
    }

    /// The inventory, as it lies on this machine.
    var loader: InventoryLoader { InventoryLoader(path: inventoryPath) }

    /// Reads and checks the whole inventory, and chooses the hosts of a pattern.
    func select(_ pattern: String) async throws -> Selection {
        try await Selection.load(
            pattern, limitedTo: limit, from: loader, presets: try loader.catalogue().presets.keys.sorted(), notes: notes
        )
    }
}
