import EbbEngine
import FoundationEssentials
import Testing

@Suite struct PausesTests {
    @Test func `what failed is left alone, longer each time, and never for ever`() {
        let pauses = Pauses<String>(120, upTo: 3_600)
        var now = Date(timeIntervalSince1970: 1_790_000_000)
        #expect(pauses.mayTry("a", at: now))
        var waited: [Double] = []
        for _ in 0..<7 {
            pauses.failed("a", at: now)
            let start = now
            while !pauses.mayTry("a", at: now) { now += 60 }
            waited.append(now.timeIntervalSince(start))
        }
        #expect(waited == [120, 240, 480, 960, 1_920, 3_600, 3_600])
        #expect(pauses.mayTry("b", at: now))
    }

    @Test func `a clock that was set back keeps nobody waiting`() {
        let pauses = Pauses<String>(120)
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        pauses.failed("a", at: now)
        #expect(!pauses.mayTry("a", at: now.addingTimeInterval(-60)))
        #expect(pauses.mayTry("a", at: now.addingTimeInterval(-86_400)))
    }
}
