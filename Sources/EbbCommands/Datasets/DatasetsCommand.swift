package import ArgumentParser

/// `ebb datasets`: the declared datasets and subvolumes beside what the hosts have.
package struct DatasetsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "datasets", abstract: "Plans and makes declared datasets, subvolumes and blanks; destroys none.",
        subcommands: [DatasetsPlanCommand.self, DatasetsApplyCommand.self]
    ).example("ebb datasets plan db1")

    package init() {}
}
