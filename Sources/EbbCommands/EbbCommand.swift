import ArgumentParser
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport
import EbbSSH
import EbbStore

/// The root of the command line.
struct EbbCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ebb", abstract: "Orchestrates fleets of hosts that are erased at every boot.",
        discussion: """
            Ebb answers, over SSH and for a whole fleet: what would the next boot erase that nobody \
            has declared, did the last boot really erase, and is there evidence for it?

            Exit status: 0 all well, 1 ebb failed, 2 usage, 3 findings, 4 incomplete, \
            130 interrupted.
            """, version: version,
        subcommands: [
            InitCommand.self, InventoryCommand.self, DoctorCommand.self, DriftCommand.self, HistoryCommand.self,
            PersistenceCommand.self, DatasetsCommand.self, OnboardCommand.self, NixOSCommand.self, RebootCommand.self,
            RecoverCommand.self, PlayCommand.self, ScheduleCommand.self, ServeCommand.self, ComplianceCommand.self,
            RunCommand.self, HostsCommand.self, DatabaseCommand.self,
        ]
    ).example("ebb drift web")

    /// The version, as `--version` prints it and evidence records it.
    static let version = "0.1.0"
}

extension CommandConfiguration {
    /// The configuration, whose help ends with a command line that shows the command at work.
    func example(_ line: String) -> CommandConfiguration {
        var configuration = self
        configuration.discussion += (configuration.discussion.isEmpty ? "" : "\n\n") + "Example: \(line)"
        return configuration
    }
}

/// From the words of the command line to an exit status.
package enum Entry {
    /// Runs one command and returns its exit status; every error has been reported when it returns.
    package static func run(_ arguments: [String]) async -> Int32 {
        SSHTransport.prepareMemory()
        do {
            let arguments = LeadingOptions.moved(arguments)
            try CommandWords.check(arguments)
            var command = try await EbbCommand.asyncParseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
            return ExitStatus.success.rawValue
        } catch { return report(error, arguments).rawValue }
    }

    /// Reports what went wrong and chooses the exit status.
    private static func report(_ error: any Error, _ arguments: [String]) -> ExitStatus {
        switch error {
        case let code as ExitCode: return ExitStatus(rawValue: code.rawValue) ?? .toolFailure
        case let failure as Failure:
            Terminal.error.write(failure.rendered(color: Terminal.error.wantsColor(.auto)))
            return failure.status
        default: break
        }
        let code = EbbCommand.exitCode(for: error)
        switch code {
        case .success:
            Terminal.output.write(EbbCommand.fullMessage(for: error) + "\n")
            return .success
        case .validationFailure:
            Terminal.error.write(EbbCommand.fullMessage(for: error) + "\n")
            return .usage
        default:
            let command = arguments.prefix { !$0.hasPrefix("-") }.prefix(2).joined(separator: " ")
            // An error that tells its own story needs no word in front of it.
            let failure =
                (error as? any CausedError).map {
                    Failure(.toolFailure, $0.description, hint: (error as? StoreError)?.hint, cause: $0.cause)
                } ?? Failure(.toolFailure, "unexpected error in `ebb \(command)`", cause: error)
            Terminal.error.write(failure.rendered(color: Terminal.error.wantsColor(.auto)))
            return .toolFailure
        }
    }
}

extension ExitStatus {
    /// Ends the command with this status, which its output has already explained.
    func leave() throws { if self != .success { throw ExitCode(rawValue) } }
}

extension Failure {
    /// The whole chain as lines for standard error, safe for a terminal.
    func rendered(color: Bool) -> String {
        let chain = causeChain(of: self).map { PrintableText.block($0.utf8) }
        var text = TextRole.bad.paint("ebb:", color: color) + " "
        text += chain.joined(separator: "\n     because: ") + "\n"
        if let hint {
            text += "     " + TextRole.emphasis.paint("hint:", color: color)
            text += " " + PrintableText.block(hint.utf8) + "\n"
        }
        return text
    }
}

/// The options that every command understands.
struct GlobalOptions: ParsableArguments, Sendable {
    @Option(
        name: [.customShort("i"), .long],
        help: .init("Inventory directory or file. (EBB_INVENTORY; default: inventory)", valueName: "path"))
    var inventory: String?

    @Option(help: .init("Database file. (EBB_DATABASE; default: ebb/ebb.sqlite in $XDG_STATE_HOME)", valueName: "path"))
    var database: String?

    @Option(
        name: [.customShort("l"), .long],
        help: .init("Only the hosts that match this pattern too.", valueName: "pattern")) var limit: String?

    @Option(help: "How to print results; a command that lacks the format says which it has.") var format: OutputFormat =
        .table

    @Option(help: "When to color. (NO_COLOR is honored)") var color: ColorChoice = .auto

    @Option(help: .init("How many hosts to talk to at once.", valueName: "number")) var parallel = 64

    @Option(help: "How long connecting and authenticating may take.") var connectTimeout = SpanArgument(seconds: 15)

    @Option(help: "How long one command on one host may take.") var timeout = SpanArgument(seconds: 300)

    @Option(
        name: [.customShort("o"), .long],
        help: .init("Write results to this file, whole or not at all.", valueName: "file")) var output: String?

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

    /// The database; where it is missing, what then happens is for `use` to say.
    func store(_ use: StoreUse, isBrief: Bool = false) throws -> Store {
        let path = databasePath
        do throws(StoreError) { return try Store.open(path, isBrief: isBrief, mustExist: use != .made) } catch {
            guard error.code == .notFound else { throw error }
            if use == .readIfThere {
                notes.warning("\(error.message): no past reboot and no stop flag is known")
                return try Store.inMemory()
            }
            throw Failure(
                .usage, error.message, hint: "name the right one with --database; `ebb drift` makes one and fills it")
        }
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
}

/// What a command wants of a database that may be missing.
enum StoreUse {
    /// It is made.
    case made
    /// The command only reads: a usage error, so that a mistyped path is not taken for an empty fleet.
    case existing
    /// The command asks the inventory first of all: it goes on and says what is not known; nothing is made.
    case readIfThere
}

extension HostName {
    /// A name from the command line; throws a usage error where no host can be called so.
    static func argument(_ text: String) throws(Failure) -> HostName {
        do throws(InvalidHostName) { return try HostName(text) } catch {
            throw Failure(
                .usage, "“\(PrintableText.line(text))” cannot be the name of a host",
                hint: "`ebb inventory list` shows the hosts")
        }
    }
}

/// Why, and by whom, a decision is made that goes on record.
struct DecisionOptions: ParsableArguments {
    @Option(help: "Why; it goes on record.") var reason: String

    @Option(help: "Who decides. (default: the user who runs this)") var author: String?

    /// The author and the reason; throws a usage error where the reason says nothing.
    func signed() throws(Failure) -> (author: String, reason: String) {
        try GlobalOptions.check(reason: reason)
        return (author ?? Operator.name, reason)
    }
}

extension GlobalOptions {
    /// Refuses a reason that says nothing.
    static func check(reason: String) throws(Failure) {
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw Failure(.usage, "--reason is empty", hint: "whoever reads the record must learn why")
        }
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

/// The words that name a command; the parser calls a mistyped one an unexpected argument, and `ebb help` passes over it.
enum CommandWords {
    /// Throws a usage error where a word names no command.
    static func check(_ arguments: [String]) throws(Failure) {
        let isHelp = arguments.first == "help"
        var command: any ParsableCommand.Type = EbbCommand.self
        for word in isHelp ? arguments.dropFirst() : arguments[...] {
            let known = command.configuration.subcommands
            if word.hasPrefix("-") || (!isHelp && (known.isEmpty || command.configuration.defaultSubcommand != nil)) {
                return
            }
            guard let next = known.first(where: { $0.configuration.commandName == word }) else {
                let names = known.compactMap { $0.configuration.commandName }
                let near = Suggestion.nearest(to: word, among: names).map { "did you mean “\($0)”?" }
                throw Failure(
                    .usage,
                    "there is no command “\(PrintableText.line(word))”" + (isHelp ? " to show the help of" : ""),
                    hint: near ?? (names.isEmpty ? nil : "one of: \(names.joined(separator: ", "))"))
            }
            command = next
        }
    }
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
