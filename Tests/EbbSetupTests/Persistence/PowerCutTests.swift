import EbbModel
import EbbSetup
import Foundation
import Subprocess
import Testing

@Suite struct PowerCutTests {
    private static let isThorough = ProcessInfo.processInfo.environment["EBB_EVERY_CUT"] != nil

    /// How a path is moved, what it is, and how the next run goes on.
    static let scenarios: [(Mechanism, String, String)] =
        isThorough
        ? [Mechanism.bind, .symlink].flatMap { mechanism in
            ["directory", "file"].flatMap { what in ["no", "yes", "rollback"].map { (mechanism, what, $0) } }
        }
        : [
            (.bind, "directory", "yes"), (.bind, "directory", "rollback"), (.symlink, "directory", "no"),
            (.symlink, "file", "yes"),
        ]

    /// Kills the script and copies the devices at every fifth command, in turn for each way to
    /// move and to go on; `EBB_EVERY_CUT=1` takes every command and every combination.
    @Test(arguments: scenarios) func `a power cut at any step loses no declared byte, and the next run goes on`(
        mechanism: Mechanism, what: String, next: String
    ) async throws {
        let bench = try Bench()
        defer { bench.remove() }
        try bench.prepare(.adopt, bench.entry(mechanism))
        try bench.prepare(.rollback, bench.entry(mechanism))
        try bench.write(PersistSetup.script, to: "persist-unit")
        let script = try #require(Bundle.module.path(forResource: "power-cut", ofType: "sh", inDirectory: "Scripts"))
        let result = try await Subprocess.run(
            .name("unshare"),
            arguments: [
                "-m", "sh", script, bench.directory, bench.name, what, "btrfs", "ext4", next,
                Self.isThorough ? "1" : "5",
            ], output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        let output = result.standardOutput
        let told = "\(mechanism) \(what) \(next):\n\(output)\(result.standardError)"
        #expect(!output.contains("LOST") && !output.contains("NOT"), "\(told)")
        let cuts = output.split(separator: " ").dropFirst().first.flatMap { Int($0.filter(\.isNumber)) }
        #expect((cuts ?? 0) >= 9, "\(told)")
        #expect(next != "yes" || !output.contains("erasures 0"), "\(told)")
    }
}
