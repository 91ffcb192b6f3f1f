import EbbModel
import EbbTestSupport
import Foundation
import Testing

/// The lab's four hosts, and the built tool that is tested against them.
///
/// The lab must be up (`lab/lab up`, as `make test` does); a test that needs it fails without it.
struct Lab {
    static let hosts = ["builder1", "db1", "nas1", "pi1"]
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    static let state = ProcessInfo.processInfo.environment["EBB_LAB_STATE"] ?? "/var/lib/ebb-lab"

    /// A directory of this test's own: the database and changed inventories.
    let scratch: String
    /// How often the lab had started each host when the test began.
    var bootsBefore: [String: Int] = [:]
    /// The inventory in use.
    var inventory = Lab.root + "/inventory"

    /// Lends a lab whose hosts are fresh: no faults, nothing on persistent storage but its own.
    static func fresh(_ body: (inout Lab) async throws -> Void) async throws {
        let scratch = try FileManager.default.url(
            for: .itemReplacementDirectory, in: .userDomainMask, appropriateFor: URL(filePath: "/tmp"), create: true
        ).path
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        try await lab("reset")
        var lab = Lab(scratch: scratch)
        for host in hosts {
            let text = try String(contentsOfFile: state + "/hosts/\(host)/boots", encoding: .utf8)
            lab.bootsBefore[host] = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        try await body(&lab)
    }

    var database: String { scratch + "/ebb.sqlite" }

    /// Runs a verb of the lab itself.
    @discardableResult static func lab(_ arguments: String...) async throws -> String {
        let ended = try await Program.run(root + "/lab/lab", arguments)
        try #require(ended.status == 0, "lab \(arguments): \(ended.output)\(ended.error)")
        return ended.output
    }

    /// Runs a command on a host, as root, over the system's own SSH client.
    @discardableResult func ssh(_ host: String, _ command: String) async throws -> String {
        let ended = try await Program.run(
            Self.root + "/lab/lab", ["ssh", host, "sudo", "sh", "-c", RemoteCommand.quoted(command)])
        try #require(ended.status == 0, "\(host): \(command): \(ended.error)")
        return ended.output
    }

    /// Runs the tool under test.
    func ebb(_ arguments: String...) async throws -> Program.Ended {
        try await Program.run(Self.tool, ["--inventory", inventory, "--database", database] + arguments)
    }

    /// The built tool, beside the test runner's own products.
    static var tool: String { ProcessInfo.processInfo.environment["EBB_TOOL"] ?? root + "/.build/debug/ebb" }

    /// Runs the tool and reads its one JSON document.
    func json<Document: Decodable>(_ type: Document.Type, _ arguments: String...) async throws -> (
        document: Document, ended: Program.Ended
    ) {
        let ended = try await Program.run(
            Self.tool, ["--inventory", inventory, "--database", database] + arguments + ["--format", "json"])
        do { return (try JSONDecoder().decode(type, from: Data(ended.output.utf8)), ended) } catch {
            throw LabFailure(text: "\(arguments): \(error)\n\(ended.output)\n\(ended.error)")
        }
    }

    /// A copy of the inventory with one text replaced in one file.
    mutating func changeInventory(_ file: String, _ old: String, _ new: String) throws {
        let copy = scratch + "/inventory"
        if inventory != copy {
            try FileManager.default.copyItem(atPath: inventory, toPath: copy)
            inventory = copy
        }
        let path = copy + "/" + file
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(old), "\(file) does not hold: \(old)")
        try text.replacingOccurrences(of: old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
    }
}

/// What went wrong in the lab's own machinery.
struct LabFailure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
