package import ArgumentParser
import EbbModel
import EbbPlan
import EbbReport

/// `ebb reboot plan`: who would be rebooted in which wave, and who is withheld and why.
package struct RebootPlanCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows waves, limits and withheld hosts; touches nothing.")

    @Argument(help: "Which hosts; an Ansible pattern.")
    var pattern: String

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let plan = try await RebootPreparation(fleet: fleet).plan()
        switch format {
        case .json: try options.results.write(try JSONText.encoded(plan))
        default:
            try options.results.write(
                PlanText.rendered(
                    plan, width: Terminal.output.width, colour: options.results.isColoured))
        }
        if plan.hosts.isEmpty { try ExitStatus.findings.leave() }
    }
}
