import EbbPlan
import FoundationEssentials
import Testing

@Suite struct LateTryTests {
    private let ended = Date(timeIntervalSince1970: 1_000_000)

    private func isDue(_ last: Double?, _ now: Double) -> Bool {
        LateTry.isDue(
            endedAt: ended, lastTry: last.map { ended.addingTimeInterval($0) }, now: ended.addingTimeInterval(now))
    }

    @Test func `the first try is due at once`() {
        #expect(isDue(nil, 0))
        // What was observed before the attempt ended was no try.
        #expect(isDue(-5, 1))
    }

    @Test(arguments: [(1.0, 120.0), (600, 300), (7_200, 3_600), (1_000_000, 3_600)])
    func `the pause grows with the time that has passed, between its bounds`(last: Double, pause: Double) {
        #expect(!isDue(last, last + pause - 1))
        #expect(isDue(last, last + pause))
    }

    @Test func `a clock that went back stops nothing`() { #expect(isDue(5_000, 4_000)) }
}
