import ArgumentParser
import EbbClassifier
import EbbLocal
import EbbModel
import EbbReport

/// The options that every command understands.
struct GlobalOptions: ParsableArguments, Sendable {
    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp("Inventory directory or file. (EBB_INVENTORY; default: inventory)", valueName: "path"))
    var inventory: String?

    @Option(
        help: ArgumentHelp(
            "Database file. (EBB_DATABASE; default: ebb/ebb.sqlite in $XDG_STATE_HOME)", valueName: "path"))
    var database: String?

    @Option(
        name: [.customShort("l"), .long],
        help: ArgumentHelp("Only the hosts that match this pattern too.", valueName: "pattern")) var limit: String?

    @Option(help: "How to print results; each command lists its formats.") var format: OutputFormat = .table

    @Option(help: "When to color. (NO_COLOR is honored)") var color: ColorChoice = .auto

    @Option(help: ArgumentHelp("How many hosts to talk to at once.", valueName: "number")) var parallel = 64

    @Option(help: "How long connecting and authenticating may take.") var connectTimeout = SpanArgument(seconds: 15)

    @Option(help: "How long one command on one host may take.") var timeout = SpanArgument(seconds: 300)

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("Write results to this file, whole or not at all.", valueName: "file")) var output: String?

    @Flag(name: [.customShort("v"), .long], help: "Report more on standard error; twice for even more.") var verbose:
        Int

    @Flag(name: [.customShort("q"), .long], help: "Report only problems on standard error.") var quiet = false

    mutating func validate() throws {
        guard (1...10_000).contains(parallel) else {
            throw ValidationError("--parallel wants a number from 1 to 10000, not \(parallel).")
        }
    }

    /// Where the inventory is.
    var inventoryPath: String { inventory ?? ProcessVariable.named("EBB_INVENTORY") ?? "inventory" }

    /// Where the database is.
    var databasePath: String {
        if let chosen = database ?? ProcessVariable.named("EBB_DATABASE") { return chosen }
        let state = ProcessVariable.named("XDG_STATE_HOME") ?? ProcessVariable.home + "/.local/state"
        return state + "/ebb/ebb.sqlite"
    }

    /// The chosen format, or a usage error that names those that the command has.
    func format(among known: [OutputFormat]) throws -> OutputFormat {
        if known.contains(format) { return format }
        let names = known.map(\.rawValue).joined(separator: ", ")
        throw Failure(.usage, "this command has no format \(format.rawValue)", hint: "one of: \(names)")
    }

    /// Where results go.
    var results: ResultOutput { ResultOutput(file: output, color: color) }

    /// Where progress goes: standard error, as quiet or talkative as asked.
    var notes: Notes {
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

/// A length of time on the command line, such as `30s` or `2h`.
struct SpanArgument: Sendable, Hashable, ExpressibleByArgument {
    let seconds: Int

    init(seconds: Int) { self.seconds = seconds }

    init?(argument: String) {
        guard let seconds = TimeSpan.seconds(argument), seconds > 0 else { return nil }
        self.seconds = seconds
    }

    var defaultValueDescription: String { TimeSpan.text(seconds) }

    /// The length as the concurrency library wants it.
    var duration: Duration { .seconds(seconds) }
}

/// Lets global options stand before the verb, as people write them: `ebb --inventory DIR drift`.
enum LeadingOptions {
    /// Options without a value; the rest of the global ones take one.
    private static let flags = ["-v", "-q", "--verbose", "--quiet"]
    private static let valued = [
        "--inventory", "-i", "--database", "--limit", "-l", "--format", "--color", "--parallel", "--connect-timeout",
        "--timeout", "--output", "-o",
    ]

    /// The arguments with leading global options moved behind the verb's own.
    ///
    /// They go to the end, or in front of the first `--`, behind which nothing is an option.
    static func moved(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var leading: [String] = []
        while let word = rest.first {
            let name = word.prefix { $0 != "=" }
            if flags.contains(word) || (word.contains("=") && valued.contains(String(name))) {
                leading.append(rest.removeFirst())
            } else if valued.contains(word), rest.count > 1 {
                leading += [rest.removeFirst(), rest.removeFirst()]
            } else {
                break
            }
        }
        guard !leading.isEmpty, let verb = rest.first, !verb.hasPrefix("-") else { return arguments }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end]) + leading + Array(rest[end...])
    }
}
