package import ArgumentParser

/// `ebb schedule`: reboots that come by themselves, in the hosts' windows.
package struct ScheduleCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Shows scheduled reboots and starts those that are due.",
        discussion: """
            A host is scheduled where the inventory gives it a window and says \
            `reboot: {scheduled: true}`; a window alone only says when it may be rebooted.
            """, subcommands: [ScheduleListCommand.self, ScheduleNextCommand.self, ScheduleRunDueCommand.self]
    ).example("ebb schedule list")

    package init() {}
}
