import EbbModel
import Testing

struct ClampedSumTests {
    @Test func `a sum stops at the limits of its type`() {
        #expect([Int64.max, 1, 5].clampedSum == .max)
        #expect([Int64.min, -1].clampedSum == .min)
        #expect([Int8]().clampedSum == 0)
        #expect(Int64(2).addingClamped(3) == 5)
    }
}
