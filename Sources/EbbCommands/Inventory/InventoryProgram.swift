import EbbInventory
import EbbModel
import Subprocess
import SystemPackage

/// The command that tells what a file of an inventory means: the file itself, or Ansible's reader.
struct InventoryProgram: Sendable {
    private let file: InventoryFile
    private let program: String
    private let arguments: [String]
    private let hint: String?

    private static let limit = Duration.seconds(60)
    private static let mostOutput = 64 << 20
    private static let mostErrors = 4_096

    /// Nothing where Ebb reads the file by itself.
    init?(_ file: InventoryFile, in directory: String) {
        let place = (directory.hasPrefix("/") ? "" : "./") + directory + "/" + file.path
        self.file = file
        switch file.interpreter {
        case .ebb: return nil
        case .itself:
            program = place
            arguments = ["--list"]
            hint = "run it by hand: \(place) --list"
        case .ansible:
            program = "ansible-inventory"
            arguments = ["-i", place, "--list", "--export"]
            hint = "install ansible-core, or write the file as YAML"
        }
    }

    /// The file with the command's answer in the place of its text.
    func answer() async -> InventoryFile {
        let form: InventoryFile.Form
        var listing: [UInt8] = []
        switch await outcome() {
        case .success(let output):
            listing = output
            form = .listing(command: ([program] + arguments).joined(separator: " "))
        case .failure(let refusal):
            form = .unanswered(reason: refusal.reason, hint: hint)
        }
        return InventoryFile(path: file.path, bytes: listing, form: form)
    }

    private struct Refusal: Error { let reason: String }

    private func outcome() async -> Result<[UInt8], Refusal> {
        await withTaskGroup(of: Result<[UInt8], Refusal>.self) { group in
            group.addTask { await run() }
            group.addTask {
                try? await Task.sleep(for: Self.limit)
                return .failure(Refusal(reason: "\(program) took longer than \(Self.limit)"))
            }
            let first = await group.next()
            // Ends the program and what it started, where it is the one that is late.
            group.cancelAll()
            return first ?? .failure(Refusal(reason: "\(program) was not run"))
        }
    }

    private func run() async -> Result<[UInt8], Refusal> {
        var platform = PlatformOptions()
        platform.createSession = true
        platform.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
        ]
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program),
                arguments: Arguments(arguments), platformOptions: platform,
                output: .bytes(limit: Self.mostOutput), error: .bytes(limit: Self.mostErrors))
            guard case .exited(0) = result.terminationStatus else {
                let how =
                    switch result.terminationStatus {
                    case .exited(let status): "exit status \(status)"
                    case .signaled(let signal): "signal \(signal)"
                    }
                let said = String(decoding: result.standardError, as: UTF8.self)
                    .split(whereSeparator: \.isNewline).last
                    .map { ": " + PrintableText.line(String($0)) }
                return .failure(Refusal(reason: "\(program) failed, \(how)\(said ?? "")"))
            }
            return .success(result.standardOutput)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            return .failure(
                Refusal(reason: "\(program), which reads this form, is not installed"))
        } catch {
            return .failure(Refusal(reason: "\(program) could not be run: \(error)"))
        }
    }
}
