import ArgumentParser
package import EbbModel
import EbbReport
import EbbSSH

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
    package func leave() throws { if self != .success { throw ExitCode(rawValue) } }
}
