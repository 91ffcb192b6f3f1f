package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport

/// `ebb doctor`: whether Ebb can work with each host, and what to do where it cannot.
package struct DoctorCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks the way to each host and what it needs there.",
        discussion: "Changes nothing. Exit status 3 when a check fails, 4 when one is not reached.")

    @Argument(help: "Which hosts; an Ansible pattern.")
    var pattern = "all"

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let engine = try await fleet.engine()
        let checks = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
            await engine.examine(settings)
        }
        let report = DoctorReport(
            hosts: zip(fleet.selected.map(\.host), checks).map { ($0, $1) })
        switch format {
        case .json: try options.results.write(report.json)
        default:
            let results = options.results
            try results.write(
                report.text(
                    width: results.file == nil ? Terminal.output.width : nil,
                    colour: results.isColoured))
        }
        try report.exitStatus.leave()
    }
}
