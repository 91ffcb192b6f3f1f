package import EbbClassifier
package import EbbInventory
import EbbModel
import FoundationEssentials
import Glibc

/// Brings the files of an inventory into memory.
package struct InventoryLoader: Sendable {
    /// More than any fleet's inventory holds; a wrong path such as `/` must not be read whole.
    private static let maxFiles = 20_000
    private static let maxBytes = 64 << 20

    /// The file of an inventory that extends the catalogue; it holds no hosts.
    private static let catalogueName = "catalogue.yml"

    /// The directory or the one file that was named.
    let path: String
    private let isDirectory: Bool?

    package init(path: String) {
        self.path = path
        var isDirectory = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        self.isDirectory = exists ? isDirectory : nil
    }

    /// The directory of the inventory: of one that is a single file, the one it lies in.
    package var directory: String {
        if isDirectory == false { return path.contains("/") ? BytePath(path).parent.text ?? "." : "." }
        var directory = path
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        return directory
    }

    /// What is known of paths: Ebb's own catalogue, and what the inventory's adds.
    package func catalogue() throws -> Catalogue {
        let path = directory + "/" + Self.catalogueName
        guard FileManager.default.fileExists(atPath: path) else { return .builtIn }
        do {
            let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            return Catalogue.builtIn.extended(by: try Catalogue(yaml: text))
        } catch let error as DecodingError {
            throw Failure(
                .usage, "\(PrintableText.line(path)): \(PrintableText.line(error.words))",
                hint: "docs/inventory.md shows how it is written")
        } catch {
            throw Failure(
                .usage, "the catalogue at \(PrintableText.line(path)) cannot be read",
                hint: "docs/inventory.md shows how it is written", cause: error)
        }
    }

    /// Reads the inventory and everything that is wrong with it; throws where there is none.
    ///
    /// Files that are programs are run with `--list`; INI and the like are read by
    /// `ansible-inventory`, where it is installed. Without `presets` their names stay unchecked.
    package func load(presets: [String]? = nil) async throws -> InventoryReader.Reading {
        guard let isDirectory else {
            throw Failure(
                .usage, "there is no inventory at \(path)",
                hint: "name it with --inventory, or write a first one with `ebb init`")
        }
        let directory = directory
        var files: [InventoryFile] = []
        do {
            if isDirectory {
                try collect("", in: directory, into: &files)
            } else {
                files.append(try file(String(path.split(separator: "/").last ?? ""), in: directory))
                for kind in ["group_vars", "host_vars"] { try collect(kind, in: directory, into: &files) }
            }
        } catch let failure as Failure { throw failure } catch {
            throw Failure(.usage, "the inventory at \(path) cannot be read", cause: error)
        }
        var read: [InventoryFile] = []
        for file in files { read.append(await file.understood(in: directory)) }
        return InventoryReader.read(
            read, InventoryContext(directory: directory, home: ProcessVariable.home, user: Self.user, presets: presets))
    }

    /// Who runs Ebb, as `ssh` would log in.
    private static var user: String {
        if let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name { return String(cString: name) }
        return ProcessVariable.named("USER") ?? "root"
    }

    private func collect(_ below: String, in directory: String, into files: inout [InventoryFile]) throws {
        let place = below.isEmpty ? directory : directory + "/" + below
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory) else { return }
        guard isDirectory else {
            files.append(try file(below, in: directory))
            return
        }
        guard files.count < Self.maxFiles, below.count(where: { $0 == "/" }) < 8 else {
            throw Failure(
                .usage, "\(directory) holds too many files to be an inventory",
                hint: "name the inventory's own directory")
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: place).sorted()
        where !name.hasPrefix(".") && (!below.isEmpty || name != Self.catalogueName) {
            try collect(below.isEmpty ? name : below + "/" + name, in: directory, into: &files)
        }
    }

    private func file(_ name: String, in directory: String) throws -> InventoryFile {
        let place = directory + "/" + name
        var found = stat()
        // A fifo would block for ever, a device never end.
        if stat(place, &found) == 0, found.st_mode & S_IFMT != S_IFREG {
            return InventoryFile(path: name + "~", bytes: [])
        }
        let data = try Data(contentsOf: URL(filePath: place))
        guard data.count <= Self.maxBytes else { throw Failure(.usage, "\(place) is larger than 64 MiB") }
        return InventoryFile(
            path: name, bytes: Array(data), isExecutable: FileManager.default.isExecutableFile(atPath: place))
    }
}

extension InventoryFile {
    /// The file with a command's answer in the place of its text, where Ebb does not read it by itself.
    ///
    /// The command is the file itself, or Ansible's reader.
    fileprivate func understood(in directory: String) async -> InventoryFile {
        let place = (directory.hasPrefix("/") ? "" : "./") + directory + "/" + path
        let (name, arguments, hint): (String, [String], String)
        switch interpreter {
        case .ebb: return self
        case .itself: (name, arguments, hint) = (place, ["--list"], "run it by hand: \(place) --list")
        case .ansible:
            (name, arguments) = ("ansible-inventory", ["-i", place, "--list", "--export"])
            hint = "install ansible-core, or write the file as YAML"
        }
        func unanswered(_ reason: String) -> InventoryFile {
            InventoryFile(path: path, bytes: [], form: .unanswered(reason: reason, hint: hint))
        }
        do throws(ProgramFailure) {
            let ended = try await Program(name, arguments, limit: .seconds(60), maxOutput: 64 << 20, kept: .beginning)
                .run()
            guard ended.isSuccess else { return unanswered("\(name) failed, \(ended.sentence)") }
            guard !ended.isCut else { return unanswered("\(name) printed more than 64 MiB") }
            let command = ([name] + arguments).joined(separator: " ")
            return InventoryFile(path: path, bytes: ended.output, form: .listing(command: command))
        } catch { return unanswered(error.message) }
    }
}

/// The file of an inventory that holds the variables of one host or group.
package struct VariablesFile: Sendable {
    package let path: String
    /// What it holds; `nil` where it is not there yet.
    package let text: String?

    /// The file that has Ebb's settings of that name already, else one that is there, else a new one.
    ///
    /// `kind` is `host_vars` or `group_vars`.
    package static func find(_ name: String, kind: String, of inventory: InventoryLoader) -> VariablesFile {
        let files = FileManager.default
        var isDirectory = false
        let stem = "\(inventory.directory)/\(kind)/\(name)"
        var candidates = [stem + ".yml", stem + ".yaml"]
        if files.fileExists(atPath: stem, isDirectory: &isDirectory) {
            let inside = (try? files.contentsOfDirectory(atPath: stem)) ?? []
            candidates += isDirectory ? inside.sorted().map { stem + "/" + $0 } : [stem]
        }
        let present = candidates.compactMap { path -> VariablesFile? in
            guard let data = try? Data(contentsOf: URL(filePath: path)),
                let text = String(validating: data, as: UTF8.self)
            else { return nil }
            return VariablesFile(path: path, text: text)
        }
        let own = present.first { file in file.text?.split(separator: "\n").contains { $0.hasPrefix("ebb:") } ?? false }
        return own ?? present.first ?? VariablesFile(path: stem + ".yml", text: nil)
    }

    /// Makes the directory that holds the file.
    package func makeDirectory() throws {
        try FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    }
}

extension DecodingError {
    /// Where in the document, and what is wrong there.
    fileprivate var words: String {
        switch self {
        case .keyNotFound(let key, let context): Self.words(context, "lacks the key “\(key.stringValue)”")
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
            Self.words(context, context.debugDescription)
        @unknown default: "it cannot be read"
        }
    }

    private static func words(_ context: Context, _ text: String) -> String {
        let place = context.codingPath.reduce(into: "") { place, key in
            place += key.intValue.map { "[\($0)]" } ?? (place.isEmpty ? "" : ".") + key.stringValue
        }
        return place.isEmpty ? text : "\(place) \(text)"
    }
}
