import EbbTestSupport
import Foundation
import Testing

@testable import EbbInventory

/// What is made from the declarations is what is published.
@Suite(.blocking) struct DeclaredSettingsTests {
    private static let root = (#filePath as NSString).deletingLastPathComponent + "/../../.."
    private static let schema = root + "/docs/schemas/ebb.inventory.schema.json"
    private static let records = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"

    @Test func `the tables of the documentation are those of the declared settings`() throws {
        let path = Self.root + "/docs/inventory.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var made: [String] = []
        var names: Set<String> = []
        var isInside = false
        for line in text.components(separatedBy: "\n") {
            if line == "<!-- end -->" { isInside = false }
            if !isInside { made.append(line) }
            guard line.hasPrefix("<!-- settings: ") else { continue }
            let name = String(line.dropFirst(15).dropLast(4))
            made += try #require(SettingsTable.all[name], "no settings are called \(name)").components(
                separatedBy: "\n")
            names.insert(name)
            isInside = true
        }
        #expect(names == Set(SettingsTable.all.keys))
        try expect(made.joined(separator: "\n"), at: path)
    }

    @Test func `the schema for editors is that of the declared settings`() throws {
        try expect(SettingsSchema.text(), at: Self.schema)
    }

    @Test func `every inventory that comes with Ebb fits the schema, and a wrong one does not`() throws {
        let folder = Self.root + "/inventory"
        let enumerator = FileManager.default.enumerator(atPath: folder)
        var files = (enumerator?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".yml") }.map {
            folder + "/" + $0
        }
        files += ["/lab/more-hosts.yml", "/lab/guests/inventory.yml"].map { Self.root + $0 }
        #expect(files.count >= 8)
        for file in files {
            let told = try Self.faults(try String(contentsOfFile: file, encoding: .utf8))
            #expect(told == "", "\(file)")
        }
        let documentation = try String(contentsOfFile: Self.root + "/docs/inventory.md", encoding: .utf8)
        for example in documentation.components(separatedBy: "```yaml\n").dropFirst() {
            let text = example.components(separatedBy: "```")[0]
            if text.hasPrefix("entries:") { continue }
            #expect(try Self.faults(text) == "", "\(text)")
        }
        for wrong in [
            "ebb: {rot: {}}", "ebb: {root: {strategy: zsf}}", "ebb: {reboot: {timeout: 10}}",
            "ebb: {reboot: {waves: [0.5x]}}", "ebb: {persist: [{dataset: x}]}",
            "ebb: {compliance: {waivers: [{control: proven-bot, reason: x, by: x, until: 2027-01-01}]}}",
            "all: {hosts: {a: {ebb: {reboot: {rank: high}}}}}", "all: {host: {}}",
            "all: {children: {web: {vars: {ansible_port: ssh}}}}",
        ] { #expect(try Self.faults(wrong) != "", "\(wrong)") }
    }

    private func expect(_ text: String, at path: String) throws {
        if Self.records {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            Issue.record("\(path) was recorded: read it, then run without RECORD_SNAPSHOTS")
        }
        let published = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        #expect(published == text, "RECORD_SNAPSHOTS=1 swift test --filter DeclaredSettingsTests writes it anew")
    }

    // MARK: - A validator that Ebb does not bring

    /// What Debian's python3-jsonschema says against a YAML text.
    private static func faults(_ yaml: String) throws -> String {
        let problems = ProblemCollector()
        let value = try #require(YAMLText.value(of: Array(yaml.utf8), file: "f.yml", problems: problems))
        let file = NSTemporaryDirectory() + "ebb-inventory-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try JSONSerialization.data(withJSONObject: json(value), options: .fragmentsAllowed).write(
            to: URL(filePath: file))
        let reader = Process()
        reader.executableURL = URL(filePath: "/usr/bin/python3")
        reader.arguments = ["-W", "ignore", "-c", validation, schema, file]
        let output = Pipe()
        reader.standardOutput = output
        reader.standardError = output
        try reader.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        reader.waitUntilExit()
        return String(decoding: answer, as: UTF8.self)
    }

    private static let validation = """
        import json, sys, jsonschema
        schema, document = (json.load(open(name)) for name in sys.argv[1:])
        jsonschema.Draft202012Validator.check_schema(schema)
        for fault in jsonschema.Draft202012Validator(schema).iter_errors(document):
            print(list(fault.absolute_path), fault.message[:300])
        """

    /// The value as an editor's YAML 1.2 reader takes it.
    private static func json(_ value: YAMLValue) -> Any {
        switch value.content {
        case .null: NSNull()
        case .scalar(let text, let isPlain):
            switch text {
            case "true" where isPlain: true
            case "false" where isPlain: false
            default: (isPlain ? Int(text) : nil).map { $0 as Any } ?? text
            }
        case .tagged(let tag): tag
        case .list(let values): values.map(json)
        case .map(let entries):
            [String: Any](entries.map { ($0.key, json($0.value)) }, uniquingKeysWith: { one, _ in one })
        }
    }
}
