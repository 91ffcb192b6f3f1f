import EbbInventory

/// The command that tells what a file of an inventory means: the file itself, or Ansible's reader.
struct InventoryProgram: Sendable {
    private let file: InventoryFile
    private let program: Program
    private let hint: String?

    private static let limit = Duration.seconds(60)
    private static let maxOutput = 64 << 20

    /// Nothing where Ebb reads the file by itself.
    init?(_ file: InventoryFile, in directory: String) {
        let place = (directory.hasPrefix("/") ? "" : "./") + directory + "/" + file.path
        self.file = file
        switch file.interpreter {
        case .ebb: return nil
        case .itself:
            program = Self.program(place, ["--list"])
            hint = "run it by hand: \(place) --list"
        case .ansible:
            program = Self.program("ansible-inventory", ["-i", place, "--list", "--export"])
            hint = "install ansible-core, or write the file as YAML"
        }
    }

    private static func program(_ name: String, _ arguments: [String]) -> Program {
        Program(name, arguments, limit: limit, maxOutput: maxOutput, kept: .beginning)
    }

    /// The file with the command's answer in the place of its text.
    func answer() async -> InventoryFile {
        do throws(ProgramFailure) {
            let ended = try await program.run()
            guard ended.isSuccess else { return unanswered("\(program.name) failed, \(ended.sentence)") }
            guard !ended.isCut else { return unanswered("\(program.name) printed more than 64 MiB") }
            let command = ([program.name] + program.arguments).joined(separator: " ")
            return InventoryFile(path: file.path, bytes: ended.output, form: .listing(command: command))
        } catch { return unanswered(error.message) }
    }

    private func unanswered(_ reason: String) -> InventoryFile {
        InventoryFile(path: file.path, bytes: [], form: .unanswered(reason: reason, hint: hint))
    }
}
