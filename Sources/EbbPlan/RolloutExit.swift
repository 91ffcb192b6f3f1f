package import EbbModel

/// What the ends of reboots mean for the exit of a command: the one place that says so.
package enum RolloutExit {
    /// The status of a rollout: its hosts, those that the plan withheld, and whether a signal ended it.
    ///
    /// A withheld host was meant to be proven and is not: that is a finding.
    package static func status(
        of hosts: [(state: AttemptState, reason: String?)], withheld: Int = 0, isInterrupted: Bool = false
    ) -> ExitStatus {
        var status: ExitStatus = withheld > 0 ? .findings : .success
        for host in hosts { status = status.merged(with: self.status(of: host.state, reason: host.reason)) }
        return isInterrupted ? status.merged(with: .interrupted) : status
    }

    /// The status of one host's attempt; a reason from another version of Ebb is judged by the state.
    package static func status(of state: AttemptState, reason: String?) -> ExitStatus {
        switch state {
        case .proven: .success
        case .failed, .skipped: reason.flatMap(AttemptReason.init(rawValue:))?.exitStatus ?? .findings
        case .inconclusive, .planned, .preflight, .canaries, .intent, .sent, .booted: .incomplete
        }
    }
}

extension AttemptReason {
    /// 0 for a proof, 4 where a host was not heard or its end is not known, else 3.
    package var exitStatus: ExitStatus {
        switch self {
        case .proven: .success
        case .unreachable, .away, .preflightIncomplete: .incomplete
        default: state == .inconclusive ? .incomplete : .findings
        }
    }
}
