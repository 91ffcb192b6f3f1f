package import EbbModel

/// Decides what a rollout does next; performs nothing itself.
///
/// A host is unavailable from its start until it is proven (or was certainly never told to reboot
/// and is well): down, booting, unproven and failed all count alike against its groups' limits.
package struct Rollout: Sendable {
    /// What the caller must do now.
    package enum Action: Hashable, Sendable {
        /// Start this host's attempt.
        case start(HostName)
        /// Record that this host will not be started, and why.
        case skip(HostName, AttemptEnd)
        /// Nothing is running and nothing will be started any more.
        case finish(State)
    }

    /// How far the run is.
    package enum State: String, Sendable, Codable {
        /// Valid transitions: `.halted`, `.aborted`, `.finished`.
        case running
        /// The failure budget is spent, or a limit can no longer be kept; final.
        case halted
        /// A person ended it; final.
        case aborted
        /// Every host had its turn; final.
        case finished
    }

    package let plan: RebootPlan
    package private(set) var state = State.running
    package private(set) var active: Set<HostName> = []
    package private(set) var failures = 0
    private var ended: [HostName: AttemptReason] = [:]
    private var wave = 0
    private var hasFinished = false

    package init(_ plan: RebootPlan) { self.plan = plan }

    /// The first things to do; call it once.
    package mutating func begin() -> [Action] { next() }

    /// Takes note of the end of a host's attempt.
    ///
    /// A host that is not active is ignored: events from real hosts may come twice.
    package mutating func hostEnded(_ host: HostName, _ reason: AttemptReason) -> [Action] {
        guard active.remove(host) != nil else { return [] }
        ended[host] = reason
        if reason.countsAsFailure { failures += 1 }
        if failures >= plan.failureBudget, state == .running { state = .halted }
        return next()
    }

    /// Takes note of a host that was certainly not told to reboot: its turn comes again.
    package mutating func hostNotTold(_ host: HostName) -> [Action] {
        guard active.remove(host) != nil else { return [] }
        return next()
    }

    /// Takes note of a host that was finished before this machine was made, when a run is resumed.
    package mutating func resume(ended host: HostName, _ reason: AttemptReason) {
        ended[host] = reason
        if reason.countsAsFailure { failures += 1 }
        if failures >= plan.failureBudget { state = .halted }
    }

    /// Takes note of a host that is in mid-attempt when a run is resumed: it is active already.
    package mutating func resume(active host: HostName) { active.insert(host) }

    /// Starts nothing more; active hosts go on to their end.
    package mutating func abort() -> [Action] {
        if state == .running { state = .aborted }
        return next()
    }

    /// Hosts that are not known to be well now.
    package var unavailable: Set<HostName> {
        var hosts = active.union(plan.unavailable)
        for (host, reason) in ended {
            switch reason.state {
            case .proven: hosts.remove(host)
            case .failed, .inconclusive: hosts.insert(host)
            case .skipped: if reason == .unreachable { hosts.insert(host) }
            default: break
            }
        }
        return hosts
    }

    private mutating func next() -> [Action] {
        guard !hasFinished else { return [] }
        var actions: [Action] = []
        if state == .running { actions = startable() }
        if active.isEmpty, actions.isEmpty {
            if state == .running { state = remaining.isEmpty ? .finished : .halted }
            actions += skipRemaining() + [.finish(state)]
            hasFinished = true
        }
        return actions
    }

    private var remaining: [HostName] { plan.hosts.filter { ended[$0] == nil && !active.contains($0) } }

    /// Starts what the current wave and the limits allow; moves on when the wave is over.
    private mutating func startable() -> [Action] {
        var actions: [Action] = []
        while wave < plan.waves.count {
            for host in plan.waves[wave] where ended[host] == nil && !active.contains(host) {
                guard mayStart(host) else { continue }
                active.insert(host)
                actions.append(.start(host))
            }
            let isOver = plan.waves[wave].allSatisfy { ended[$0] != nil }
            guard isOver else { break }
            wave += 1
        }
        return actions
    }

    private func mayStart(_ host: HostName) -> Bool {
        let others = unavailable.subtracting([host])
        return plan.limits.filter { $0.members.contains(host) }.allSatisfy { limit in
            others.intersection(limit.members).count < limit.maxUnavailable
        }
    }

    private mutating func skipRemaining() -> [Action] {
        let reason: AttemptReason = state == .aborted ? .aborted : .budgetSpent
        let text =
            switch state {
            case .aborted: "the run was aborted before its turn"
            default:
                failures >= plan.failureBudget
                    ? "\(failures) of \(plan.failureBudget) allowed failures happened before its turn"
                    : "too many hosts of its group are not known to be well"
            }
        return remaining.map { host in
            ended[host] = reason
            return .skip(host, AttemptEnd(reason, text))
        }
    }
}
