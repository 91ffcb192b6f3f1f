package import ArgumentParser
import EbbEngine
import EbbModel
import EbbStore
import FoundationEssentials

/// `ebb datasets apply`: makes what is declared and missing, and records the blanks' identities.
package struct DatasetsApplyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Makes and sets what is declared; destroys nothing.",
        discussion: """
            Prints the plan as it stands afterwards: where everything says `nothing`, all is as \
            declared. What identifies each blank is recorded, so that one that somebody makes anew \
            is noticed. A blank that was recorded and is gone, or is another one, is only believed \
            again after --forget-blank.
            """
    ).example("ebb datasets apply db1")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern: String

    @Option(help: ArgumentHelp("Take this blank off the record of the selected host first.", valueName: "name"))
    var forgetBlank: [String] = []

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let engine = try await fleet.engine()
        let hosts = fleet.selected.filter { !$0.datasets.isEmpty }
        if !forgetBlank.isEmpty {
            guard let host = fleet.selected.first?.host, fleet.selected.count == 1 else {
                throw Failure(.usage, "--forget-blank is for one host at a time")
            }
            for name in forgetBlank {
                let store = try await fleet.store()
                guard try await store.forgetBlank(host: host, name, at: Date()) else {
                    throw Failure(.usage, "no blank \(name) of \(host) is on record")
                }
            }
        }
        let view = DatasetsView(looks: await engine.datasets(of: hosts, applying: true), isApplied: true)
        try view.show(as: format, options.results)
        for look in view.looks { options.notes.note("\(look.settings.host): \(look.done) commands carried out") }
        try view.status.leave()
    }
}
