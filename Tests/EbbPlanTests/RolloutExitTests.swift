import EbbModel
import EbbPlan
import Testing

/// What the ends of reboots mean for the exit of a command.
struct RolloutExitTests {
    @Test(arguments: AttemptReason.allCases)
    func `a reason that leaves something unknown exits with 4, a disproof or a refusal with 3`(reason: AttemptReason) {
        let expected: EbbModel.ExitStatus =
            switch reason {
            case .proven: .success
            case .unreachable, .away, .preflightIncomplete, .neverBack, .sshFrozen, .evidenceIncomplete, .notSettled,
                .evidenceContradicts:
                .incomplete
            default: .findings
            }
        #expect(reason.exitStatus == expected)
        #expect(RolloutExit.status(of: reason.state, reason: reason.rawValue) == expected)
    }

    @Test func `an attempt that has not ended is not known`() {
        for state in [AttemptState.planned, .preflight, .canaries, .intent, .sent, .booted] {
            #expect(RolloutExit.status(of: state, reason: nil) == .incomplete)
        }
        #expect(RolloutExit.status(of: .skipped, reason: "a word of a later Ebb") == .findings)
    }

    @Test func `withheld hosts are findings, a signal is worse than anything`() {
        let proven = [(state: AttemptState.proven, reason: String?.none)]
        #expect(RolloutExit.status(of: proven) == .success)
        #expect(RolloutExit.status(of: proven, withheld: 1) == .findings)
        let silent = proven + [(.skipped, "unreachable")]
        #expect(RolloutExit.status(of: silent, withheld: 1) == .incomplete)
        #expect(RolloutExit.status(of: silent, isInterrupted: true) == .interrupted)
        #expect(RolloutExit.status(of: []) == .success)
    }
}
