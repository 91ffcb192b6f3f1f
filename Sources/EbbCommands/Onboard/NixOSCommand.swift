import ArgumentParser
import EbbEngine
import EbbLocal
import EbbModel
import EbbReport
import EbbSetup
import FoundationEssentials

/// `ebb nixos`: a NixOS host's configuration stays the one source; this goes between the two.
struct NixOSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nixos", abstract: "Writes a NixOS module, or reads what one declares.",
        subcommands: [NixOSModuleCommand.self, NixOSImportCommand.self]
    ).example("ebb nixos module nix1")
}

/// `ebb nixos module`: the module that erases a host's root and keeps what is declared.
struct NixOSModuleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "module", abstract: "Writes the module for a host to standard output; applies nothing.",
        discussion: """
            The rollback is a unit of the systemd initrd that the root's mount requires: it fails \
            closed. Where nix-instantiate is installed, the text is parsed with it first.
            """
    ).example("ebb nixos module nix1 --output ebb.nix")

    @Argument(help: "The host.") var host: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let (fleet, selected) = try await Fleet.one(options, host)
        let settings = try await fleet.engine().expanded(selected)
        let module: NixOSModule
        do throws(EraseRefusal) { module = try NixOSModule(settings) } catch { throw Failure(.findings, error.message) }
        try await check(module.text)
        try options.results.write(module.text)
    }

    /// A text that Nix cannot read is a defect of Ebb, and never handed out.
    private func check(_ text: String) async throws {
        let nix = Program("nix-instantiate", ["--parse", "-"], input: Array(text.utf8), limit: .seconds(60))
        do throws(ProgramFailure) {
            let parsed = try await nix.run()
            guard !parsed.isSuccess else { return }
            throw ProgramFailure(.notRun, "the module is not Nix: \(parsed.lastLine)")
        } catch {
            guard error.code == .notFound else { throw Failure(.toolFailure, error.message) }
            options.notes.note("nix-instantiate is not here: the module was not parsed")
        }
    }
}

/// `ebb nixos import`: what a configuration declares, as settings for the inventory.
struct NixOSImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Reads evaluated declarations, and prints them as an inventory's settings.",
        discussion: """
            The file holds what `nix eval --json` prints of `config.environment.persistence` or of \
            `config.preservation`, such as: nix eval --json \
            .#nixosConfigurations.HOST.config.environment.persistence >declared.json
            """
    ).example("ebb nixos import declared.json")

    @Argument(help: "The file.") var file: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Failure(.usage, "\(file) cannot be read")
        }
        let declaration: NixDeclaration
        do throws(EraseRefusal) { declaration = try NixDeclaration(parsing: Array(data)) } catch {
            throw Failure(.usage, "\(file): \(error.message)")
        }
        for note in declaration.notes { options.notes.warning(note) }
        try options.results.write(declaration.yaml)
    }
}
