package import EbbLocal
import EbbModel
import EbbPlan
import EbbStore
import FoundationEssentials
import Synchronization

/// Makes notices of what happens in a rollout: its start, each wave, each failure, hosts that take
/// much longer than they should, its end.
package final class RolloutNotices: Sendable {
    /// Longer than this without a new boot is worth a notice, in seconds, where no more is known.
    private static let slow = 300

    private struct State {
        var left: [Set<HostName>]
        var failed: [Notice.Mention] = []
        var proven = 0
        var stuck: Set<HostName> = []
    }

    private let rollout: Int64
    private let hosts: Int
    private let patience: [HostName: Int]
    private let post: @Sendable (Notice) -> Void
    private let state: Mutex<State>

    /// Is told of one rollout from its start on.
    package init(_ start: RolloutStart, post: @escaping @Sendable (Notice) -> Void) {
        rollout = start.rollout.value
        patience = start.usual
        self.post = post
        hosts = start.plan.hosts.count
        state = Mutex(State(left: start.plan.waves.map { Set($0).subtracting(start.ended.keys) }))
    }

    /// Takes note of an event, and tells what is worth telling.
    package func take(_ event: RolloutEvent) {
        switch event {
        case .began(let start):
            let verb = start.isResumed ? "resumes" : "starts"
            tell(.start, "rollout \(rollout) \(verb): \(Counted.text(hosts, "host"))")
        case .waiting(let host, let elapsed, let last):
            let limit = max(30, (patience[host] ?? Self.slow / 2) * 2)
            guard elapsed > .seconds(limit), state.withLock({ $0.stuck.insert(host).inserted }) else { return }
            let seconds = elapsed.components.seconds
            tell(
                .stuck, "\(host) has not come back for \(seconds) s",
                [Notice.Mention(host: host, state: "sent", message: last)])
        case .ended(let host, let end): ended(host, end)
        case .finished(let final):
            let (proven, failed) = state.withLock { ($0.proven, $0.failed) }
            tell(
                .done, "rollout \(rollout) \(final.rawValue): \(proven) of \(Counted.text(hosts, "host")) proven",
                failed)
        default: return
        }
    }

    private func ended(_ host: HostName, _ end: AttemptEnd) {
        let mention = Notice.Mention(host: host, state: end.reason.rawValue, message: end.message)
        let isGood = end.reason == .proven
        let (wave, waves) = state.withLock { state -> (Int?, Int) in
            if isGood { state.proven += 1 } else { state.failed.append(mention) }
            let wave = state.left.firstIndex { $0.contains(host) }
            if let wave { state.left[wave].remove(host) }
            let isOver = wave.map { state.left[$0].isEmpty } ?? false
            return (isOver ? wave : nil, state.left.count)
        }
        if end.reason.countsAsFailure { tell(.failure, "\(host): \(end.reason.rawValue)", [mention]) }
        if let wave { tell(.wave, "rollout \(rollout): wave \(wave + 1) of \(waves) is over") }
    }

    private func tell(_ event: NoticeEvent, _ subject: String, _ hosts: [Notice.Mention] = []) {
        post(Notice(event: event, at: Date(), rollout: rollout, subject: subject, hosts: hosts))
    }
}
