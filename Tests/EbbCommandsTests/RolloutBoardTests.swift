import EbbLocal
import EbbModel
import EbbStore
import Foundation
import Synchronization
import Testing

@testable import EbbCommands
@testable import EbbEngine
@testable import EbbPlan

/// What a person and a channel are told of a rollout.
struct RolloutBoardTests {
    private func plan(_ waves: [[String]], budget: Int = 1) throws -> RebootPlan {
        RebootPlan(
            waves: try waves.map { try $0.map { try HostName($0) } }, withheld: [], limits: [], failureBudget: budget,
            unavailable: [])
    }

    @Test func `the board tells waves, elapsed against usual, the budget and the next step`() throws {
        let (a, b, c) = (try HostName("a"), try HostName("b"), try HostName("c"))
        var board = RolloutBoard(
            RolloutStart(
                rollout: RolloutID(7), plan: try plan([["a"], ["b", "c"], ["d"]], budget: 2), usual: [b: 20, c: 90]))
        board.take(.entered(a, .preflight, note: ""), at: .zero)
        board.take(.ended(a, AttemptEnd(.proven, "erased and kept")), at: .seconds(15))
        for host in [b, c] {
            board.take(.entered(host, .preflight, note: ""), at: .seconds(16))
            board.take(.entered(host, .sent, note: "acknowledged"), at: .seconds(20))
        }
        board.take(.waiting(b, elapsed: .seconds(30), last: "The port is \u{1B}[31mclosed."), at: .seconds(50))
        board.take(.ended(c, AttemptEnd(.notErased, "the canary is there")), at: .seconds(55))
        let lines = board.lines(at: .seconds(60), width: 100, height: 24, color: false)
        #expect(
            lines == [
                "rollout 7 running · 1m00s · 1 of 4 proven · 1 of 2 failures allowed",
                "wave 1 of 3  ████████████████████  1 of 1 proven",
                "wave 2 of 3  ▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░  0 of 2 proven, 1 not",
                "wave 3 of 3  ░░░░░░░░░░░░░░░░░░░░  0 of 1 proven", "HOST  STATE      ELAPSED  USUAL  LAST",
                "b     rebooting      40s    20s  The port is \\x1b[31mclosed.",
                "c     failed                     not-erased: the canary is there",
                "next: wave 3 of 1 host, once wave 2 is over", "slowest: b, The port is \\x1b[31mclosed.",
            ])
    }

    @Test func `the board fits any terminal, however many hosts are under way`() throws {
        let names = (0..<500).map { "host-\($0)-with-a-rather-long-name" }
        var board = RolloutBoard(RolloutStart(rollout: RolloutID(1), plan: try plan([names])))
        for name in names { board.take(.entered(try HostName(name), .preflight, note: "x"), at: .seconds(1)) }
        for (width, height) in [(20, 4), (40, 10), (80, 24), (200, 60)] {
            let lines = board.lines(at: .seconds(2), width: width, height: height, color: false)
            #expect(lines.count <= height, "\(width)×\(height)")
            #expect(lines.allSatisfy { $0.count <= width }, "\(width)×\(height): \(lines)")
        }
        let lines = board.lines(at: .seconds(2), width: 80, height: 24, color: false)
        #expect(lines.contains { $0.hasPrefix("and ") && $0.hasSuffix(" more under way") })
    }

    @Test func `a rollout is told as start, waves, failures, stuck hosts and an end, each once`() throws {
        let told = Mutex<[String]>([])
        let (a, b) = (try HostName("a"), try HostName("b"))
        let start = RolloutStart(rollout: RolloutID(3), plan: try plan([["a"], ["b"]]), usual: [b: 20])
        let notices = RolloutNotices(
            start, post: { notice in told.withLock { $0.append("\(notice.event): \(notice.subject)") } })
        notices.take(.began(start))
        notices.take(.entered(a, .preflight, note: ""))
        notices.take(.ended(a, AttemptEnd(.proven, "")))
        notices.take(.waiting(b, elapsed: .seconds(30), last: "silent"))
        notices.take(.waiting(b, elapsed: .seconds(41), last: "silent"))
        notices.take(.waiting(b, elapsed: .seconds(90), last: "silent"))
        notices.take(.ended(b, AttemptEnd(.neverBack, "it never came back")))
        notices.take(.finished(.halted))
        #expect(
            told.withLock(\.self) == [
                "start: rollout 3 starts: 2 hosts", "wave: rollout 3: wave 1 of 2 is over",
                "stuck: b has not come back for 41 s", "failure: b: never-back", "wave: rollout 3: wave 2 of 2 is over",
                "done: rollout 3 halted: 1 of 2 hosts proven",
            ])
    }

    @Test func `an address is taken as loopback only when it is`() {
        let rows = [
            ("127.0.0.1:1", true), ("127.9.9.9:1", true), ("localhost:1", true), ("[::1]:1", true),
            ("127.example.org:1", false), ("0.0.0.0:1", false), ("192.0.2.1:1", false), ("[::]:1", false),
        ]
        for (text, isLoopback) in rows { #expect(ListenAddress(argument: text)?.isLoopback == isLoopback, "\(text)") }
        for text in ["8417", ":8417", "a:b", "a:70000", "-h:1"] {
            #expect(ListenAddress(argument: text) == nil, "\(text)")
        }
    }
}
