import EbbModel
import EbbProbe
import EbbTestSupport
import Foundation
import Testing

@Suite struct LeaseShellTests {
    /// Runs shell text with a real shell, its `/run/ebb` moved into a scratch directory.
    private func run(_ text: String, in scratch: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", text.replacingOccurrences(of: "/run/ebb", with: scratch + "/e")]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).split(separator: "\n").joined()
    }

    @Test func `the first owner has the lease until he gives it back, whatever his name is`()
        async throws
    {
        try await withScratchDirectory { scratch in
            let (mine, theirs) = ("rollout 1, o'hara's", "rollout 1, $HOME")
            #expect(try run(LeaseShell.take(owner: mine), in: scratch) == mine)
            #expect(try run(LeaseShell.take(owner: theirs), in: scratch) == mine)
            #expect(try run(LeaseShell.take(owner: mine), in: scratch) == mine)
            _ = try run(LeaseShell.release(owner: theirs), in: scratch)
            #expect(try run(LeaseShell.take(owner: theirs), in: scratch) == mine)
            _ = try run(LeaseShell.release(owner: mine), in: scratch)
            #expect(try run(LeaseShell.take(owner: theirs), in: scratch) == theirs)
        }
    }
}
