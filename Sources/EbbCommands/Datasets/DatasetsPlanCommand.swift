package import ArgumentParser
import EbbEngine
import EbbModel
import EbbStore

/// `ebb datasets plan`: what would be made and set, and what stands in the way; changes nothing.
package struct DatasetsPlanCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Says what would be made and set; changes nothing.",
        discussion: """
            Exit status 3 when something is refused or keeps a boot from erasing, 4 when a host \
            could not be asked.
            """
    ).example("ebb datasets plan db1")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let engine = try await fleet.engine()
        let hosts = fleet.selected.filter { !$0.datasets.isEmpty }
        let view = DatasetsView(looks: await engine.datasets(of: hosts, applying: false), isApplied: false)
        try view.show(as: format, options.results)
        if hosts.isEmpty { options.notes.note("no selected host declares datasets") }
        try view.status.leave()
    }
}
