import Foundation
import Testing

@Suite struct RepositoryInventoryTests {
    private static let root = (#filePath as NSString).deletingLastPathComponent + "/../.."

    @Test func `the inventory that comes with Ebb has no problems`() async throws {
        let answer = try await BuiltTool.run(["inventory", "check"], in: Self.root)
        #expect(answer.status == 0, "\(answer.output)\(answer.errors)")
        #expect(answer.output.contains("0 errors, 0 warnings"), "\(answer.output)")
    }

    @Test func `what init writes has no problems, and is never overwritten`() async throws {
        let directory = NSTemporaryDirectory() + "ebb-init-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        #expect(try await BuiltTool.run(["init"], in: directory).status == 0)
        let check = try await BuiltTool.run(["inventory", "check"], in: directory)
        #expect(check.status == 0, "\(check.output)")
        let hosts = directory + "/inventory/hosts.yml"
        try "all: {hosts: {mine: }}\n".write(toFile: hosts, atomically: true, encoding: .utf8)
        #expect(try await BuiltTool.run(["init"], in: directory).output.contains("kept"))
        #expect(try String(contentsOfFile: hosts, encoding: .utf8).contains("mine"))
    }

    @Test(.timeLimit(.minutes(2))) func `a pipe in the inventory's directory, or a link to one, holds nobody up`()
        async throws
    {
        let directory = NSTemporaryDirectory() + "ebb-pipe-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory + "/inventory", withIntermediateDirectories: true)
        #expect(mkfifo(directory + "/pipe", 0o600) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/inventory/linked.yml", withDestinationPath: "../pipe")
        try "all: {hosts: {mine: }}\n".write(
            toFile: directory + "/inventory/hosts.yml", atomically: true, encoding: .utf8)
        let answer = try await BuiltTool.run(["inventory", "list"], in: directory)
        #expect(answer.output.contains("mine"), "\(answer.output)\(answer.errors)")
    }

    @Test func `a result file is written whole or not at all`() async throws {
        let directory = NSTemporaryDirectory() + "ebb-output-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let inventory = ["--inventory", Self.root + "/inventory"]
        let file = directory + "/hosts.json"
        let list = ["inventory", "list", "--format", "json", "--output"]
        let good = try await BuiltTool.run(list + [file] + inventory, in: directory)
        #expect(good == BuiltTool.Answer())
        #expect(try String(contentsOfFile: file, encoding: .utf8).hasSuffix("]\n}\n"))
        let bad = try await BuiltTool.run(list + [directory + "/no/such/place"] + inventory, in: directory)
        #expect(bad.status == 1)
        #expect(bad.errors.contains("because: create"))
        let full = try await BuiltTool.run(list + ["/dev/full"] + inventory, in: directory)
        #expect(full.status == 1)
        var status = stat()
        #expect(stat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        let left = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(left == ["hosts.json"])
    }
}
