import EbbLocal
import Testing

@Suite struct ProgramTests {
    private func shell(
        _ line: String, input: [UInt8] = [], limit: Duration = .seconds(600), most: Int = 1_000,
        kept: Program.Kept = .end
    ) -> Program {
        Program(
            "sh", ["-c", line], variables: ["EBB_TEST": "set"], input: input, limit: limit, maxOutput: most, kept: kept)
    }

    @Test func `status, both streams and the last line come back`() async throws {
        let well = try await shell("cat; echo \"$EBB_TEST\"; echo aside >&2", input: [65, 10]).run()
        #expect(well.isSuccess && well.lastLine == "set")
        #expect(well.output == Array("A\nset\n".utf8) && well.errors == Array("aside\n".utf8))
        let ill = try await shell("echo out; printf 'no \\033way\\n\\n' >&2; exit 7").run()
        #expect(ill.status == 7 && ill.how == "exit status 7" && ill.lastLine == "no \\x1bway")
        let killed = try await shell("kill -9 $$").run()
        #expect(killed.status == nil && killed.how == "a signal" && killed.lastLine.isEmpty)
    }

    @Test func `a flood is bounded, at the end that was asked for, and said to be cut`() async throws {
        let flood = "seq 1 100000; seq 1 100000 >&2"
        let end = try await shell(flood).run()
        #expect(end.isCut && end.output.count == 1_000 && end.lastLine == "100000")
        #expect(end.errors.count <= 4_096)
        let beginning = try await shell(flood, kept: .beginning).run()
        #expect(beginning.isCut && beginning.output.count == 1_000)
        #expect(beginning.output.starts(with: Array("1\n2\n3\n".utf8)))
        #expect(try await shell("seq 1 3", kept: .beginning).run().isCut == false)
    }

    @Test func `one that reads nothing of a large input does no harm`() async throws {
        let input = [UInt8](repeating: 65, count: 1 << 20)
        #expect(try await shell("exit 0", input: input).run().isSuccess)
    }

    @Test func `one that is not there or takes too long is told apart`() async {
        await #expect { try await Program("ebb-no-such-program", [], limit: .seconds(60)).run() } throws: {
            ($0 as? ProgramFailure)?.code == .notFound
        }
        await #expect { try await shell("sleep 3600", limit: .milliseconds(200)).run() } throws: {
            ($0 as? ProgramFailure)?.code == .late
        }
    }
}
