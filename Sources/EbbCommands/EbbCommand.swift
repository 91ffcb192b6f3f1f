import ArgumentParser
import EbbModel
import EbbReport
import EbbSSH

/// The root of the command line.
struct EbbCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ebb", abstract: "Orchestrates fleets of hosts that are erased at every boot.",
        discussion: """
            Ebb answers, over SSH and for a whole fleet: what would the next boot erase that nobody \
            has declared, did the last boot really erase, and can that be shown to somebody.

            Exit status: 0 all well, 1 ebb failed, 2 usage, 3 findings, 4 incomplete, \
            130 interrupted.
            """, version: version,
        subcommands: [
            InitCommand.self, InventoryCommand.self, DoctorCommand.self, DriftCommand.self, HistoryCommand.self,
            PersistenceCommand.self, DatasetsCommand.self, OnboardCommand.self, NixOSCommand.self, RebootCommand.self,
            RecoverCommand.self, PlayCommand.self, ScheduleCommand.self, ServeCommand.self, ComplianceCommand.self,
            RunCommand.self, DatabaseCommand.self,
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
            var command = try await EbbCommand.asyncParseAsRoot(LeadingOptions.moved(arguments))
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
                (error as? any CausedError).map { Failure(.toolFailure, $0.description, cause: $0.cause) }
                ?? Failure(.toolFailure, "unexpected error in `ebb \(command)`", cause: error)
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
