import EbbModel
import EbbPlan
import Testing

@Suite struct BootWatchTests {
    private func boots() throws -> (BootID, BootID) {
        (
            try #require(BootID("11111111-1111-4111-8111-111111111111")),
            try #require(BootID("22222222-2222-4222-8222-222222222222"))
        )
    }

    @Test func `a reboot faster than the first probe is seen`() throws {
        let (old, new) = try boots()
        var watch = BootWatch(before: old, timeout: .seconds(60))
        #expect(watch.probed(.answered(new), at: .seconds(1)) == .booted(new))
    }

    @Test func `a host that is up with the old boot for half a minute is waited for`() throws {
        let (old, new) = try boots()
        var watch = BootWatch(before: old, timeout: .seconds(60))
        for second in 1...30 {
            guard case .wait = watch.probed(.answered(old), at: .seconds(second)) else {
                Issue.record("gave up after \(second) s")
                return
            }
        }
        _ = watch.probed(.silent("refused"), at: .seconds(31))
        #expect(watch.probed(.answered(new), at: .seconds(35)) == .booted(new))
    }

    @Test func `each way of not coming back has its own end`() throws {
        let (old, _) = try boots()
        let cases: [(AttemptReason, [BootWatch.Probe])] = [
            (.didNotReboot, [.answered(old), .answered(old), .answered(old)]),
            (.neverBack, [.answered(old), .silent("refused"), .silent("timed out")]),
            (.neverBack, [.silent("refused"), .silent("refused"), .silent("refused")]),
            (.sshFrozen, [.silent("refused"), .mute("no banner"), .mute("no banner")]),
            (.softRebooted, [.silent("refused"), .restarted(old)]),
            (.authorizedKeysLost, [.answered(old), .refusedLogin("no"), .refusedLogin("no")]),
            (.hostKeyChanged, [.silent("refused"), .otherHostKey("changed")]),
            (.authorizedKeysLost, [.silent("refused"), .refusedLogin("no"), .refusedLogin("no"), .refusedLogin("no")]),
        ]
        for (reason, probes) in cases {
            var watch = BootWatch(before: old, timeout: .seconds(60))
            var end: AttemptEnd?
            for (index, probe) in probes.enumerated() {
                let isLast = index == probes.count - 1
                let elapsed = Duration.seconds(isLast ? 61 : 10 * (index + 1))
                if case .end(let found) = watch.probed(probe, at: elapsed) { end = found }
            }
            #expect(end?.reason == reason)
            #expect(end?.verdict?.isProven == false)
        }
    }

    @Test func `logins that are refused only while the host comes up are no verdict`() throws {
        let (old, new) = try boots()
        var watch = BootWatch(before: old, timeout: .seconds(60))
        _ = watch.probed(.refusedLogin("no"), at: .seconds(5))
        _ = watch.probed(.refusedLogin("no"), at: .seconds(20))
        #expect(watch.probed(.answered(new), at: .seconds(25)) == .booted(new))
    }
}
