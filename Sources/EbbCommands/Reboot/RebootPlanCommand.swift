package import ArgumentParser
import EbbEngine
import EbbModel
import EbbPlan
import EbbReport

/// `ebb reboot plan`: who would be rebooted in which wave, and who is withheld and why.
package struct RebootPlanCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows waves, limits and withheld hosts; touches nothing.",
        discussion: """
            Also what each host would lose, as it was seen last; how long its reboots take; its next \
            five windows in UTC with the last moment to start in each; and the plan's hash. With \
            --ask every host is connected to, and every gate that only reads is run: what it then \
            says is what a run would decide now. Exit status 3 when a host would not be rebooted, 4 \
            when one cannot be asked.
            """
    ).example("ebb reboot plan web --ask")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern: String

    @Flag(help: "Connect, and run every gate that only reads.") var ask = false

    @Flag(help: "With --ask: take it that losing paths at risk is agreed to.") var acceptLoss = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let driver = try await fleet.driver()
        let plan = try await driver.plan(fleet.selected)
        let outlooks =
            ask
            ? try await driver.askedOutlooks(of: plan, acceptsLoss: acceptLoss) : try await driver.outlooks(of: plan)
        let report = PlanReport(plan, hash: try plan.hash(), outlooks: outlooks)
        try options.results.write(as: format, json: report.json) { report.text(width: $0, color: $1) }
        await fleet.shutdown()
        try report.exitStatus.leave()
    }
}
