package import ArgumentParser
import EbbModel
import FoundationEssentials

/// `ebb init`: the first files of a fleet.
package struct InitCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Writes the first inventory and playbook of a fleet.",
        usage: "ebb init [DIRECTORY] [options]", discussion: "Files that are there already are never changed."
    ).example("ebb init fleet")

    @Argument(help: "Where to write.") var directory = "."

    @OptionGroup var options: GlobalOptions

    package init() {}

    package func run() async throws {
        _ = try options.format(among: [.table])
        var lines: [String] = []
        for (path, text) in InitFiles.all {
            let place = directory == "." ? path : directory + "/" + path
            if FileManager.default.fileExists(atPath: place) {
                lines.append("kept     \(place)")
                continue
            }
            let parent = BytePath(place).parent.text ?? "."
            do {
                try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
                try WholeFile.write(Array(text.utf8), to: place)
            } catch { throw Failure(.toolFailure, "cannot write \(place)", cause: error) }
            lines.append("written  \(place)")
        }
        lines.append("Next: put your hosts into inventory/hosts.yml, then `ebb inventory check`.")
        try options.results.write(lines.map { $0 + "\n" }.joined())
    }
}
