import EbbPlan
import Foundation
import Subprocess
import Testing

/// The documents of reboots are what their JSON Schemas say, by a validator that Ebb does not bring.
@Suite struct SchemaTests {
    private static let root = (#filePath as NSString).deletingLastPathComponent + "/../.."

    /// `check NAME`: validates standard input, prints `ok NAME`, or what is wrong and where.
    private static let check = #"""
        check() {
            python3 -W ignore -c '
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        found = list(jsonschema.Draft202012Validator(schema).iter_errors(json.load(sys.stdin)))
        for error in found:
            print("bad", sys.argv[2], list(error.absolute_path), error.message[:200])
        if not found:
            print("ok", sys.argv[2])
        ' "$1/docs/schemas/$2.schema.json" "$2"
        }
        """#

    /// Runs a script in the directory of a small fleet that has a past.
    private func tell(_ script: String) async throws -> [String] {
        let directory = NSTemporaryDirectory() + "ebb-schema-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let prepared = """
            set -u
            "$1/Benchmarks/simulate-history" "$2" --hosts 8 --days 16 --ebb "$ebb" >/dev/null || exit 99
            cd "$2"
            export EBB_INVENTORY=$2/inventory EBB_DATABASE=$2/ebb.sqlite
            exec 2>&1
            \(Self.check)

            """
        let result = try await Subprocess.run(
            .name("bash"), arguments: ["-c", prepared + script, "bash", Self.root, directory],
            environment: .inherit.updating(["ebb": BuiltTool.path, "LC_ALL": "C.UTF-8"]),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.standardOutput + result.standardError).split(whereSeparator: \.isNewline).map(String.init)
    }

    @Test func `plans and rollouts are what their schemas say`() async throws {
        let said = try await tell(
            """
            "$ebb" reboot plan all --format json | check "$1" ebb.reboot-plan-1
            "$ebb" reboot plan all --ask --connect-timeout 1s --format json >asked.json
            check "$1" ebb.reboot-plan-1 <asked.json
            mkdir -p inventory/group_vars
            echo 'ebb: {reboot: {window: {rrule: FREQ=DAILY, start: "02:00", duration: 4h,
              timezone: Europe/Berlin}}}' >inventory/group_vars/all.yml
            "$ebb" reboot plan all --format json >windowed.json
            check "$1" ebb.reboot-plan-1 <windowed.json
            grep -c '"lastStart": "20' windowed.json
            "$ebb" reboot status --format json | check "$1" ebb.rollout-1
            """)
        #expect(
            said.filter { $0.hasPrefix("ok") || $0.hasPrefix("bad") } == [
                "ok ebb.reboot-plan-1", "ok ebb.reboot-plan-1", "ok ebb.reboot-plan-1", "ok ebb.rollout-1",
            ], "\(said)")
    }

    @Test func `a document that is not what it says is refused`() async throws {
        let said = try await tell(
            #"""
            "$ebb" reboot plan all --format json >plan.json
            sed 's/"failureBudget": [0-9]*/"failureBudget": 0/' plan.json | check "$1" ebb.reboot-plan-1
            sed 's/"observedAt": "[^"]*"/"observedAt": "soon"/' plan.json | check "$1" ebb.reboot-plan-1
            "$ebb" reboot status --format json >rollout.json
            sed 's/"reason": "proven"/"reason": "fine"/' rollout.json | check "$1" ebb.rollout-1
            sed 's/"erasure": "erased"/"erasure": "unknown"/' rollout.json | check "$1" ebb.rollout-1
            """#)
        #expect(!said.contains { $0.hasPrefix("ok") }, "\(said)")
        for words in ["'failureBudget'", "'observedAt'", "'reason'", "'erasure'"] {
            #expect(said.contains { $0.hasPrefix("bad") && $0.contains(words) }, "\(words) \(said)")
        }
    }

    @Test func `every reason of an attempt stands in the schema and in the table of formats`() throws {
        let formats = try String(contentsOfFile: Self.root + "/docs/formats.md", encoding: .utf8)
        let schema = try String(contentsOfFile: Self.root + "/docs/schemas/ebb.rollout-1.schema.json", encoding: .utf8)
        for reason in AttemptReason.allCases {
            #expect(formats.contains("`\(reason.rawValue)`"), "docs/formats.md: \(reason.rawValue)")
            #expect(schema.contains("\"\(reason.rawValue)\""), "ebb.rollout-1: \(reason.rawValue)")
        }
    }
}
