package import ArgumentParser

/// `ebb reboot`: rolling reboots that prove what they did.
package struct RebootCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "reboot", abstract: "Plans, runs and follows rolling reboots.",
        subcommands: [
            RebootPlanCommand.self, RebootRunCommand.self, RebootStatusCommand.self, RebootResumeCommand.self,
            RebootAbortCommand.self, RebootOverrideCommand.self, RebootStopCommand.self, RebootUnstopCommand.self,
        ]
    ).example("ebb reboot plan web")

    package init() {}
}
