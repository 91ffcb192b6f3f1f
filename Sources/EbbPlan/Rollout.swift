package import EbbModel
package import FoundationEssentials

/// Who will be rebooted, in which wave, and who is withheld and why; every choice is made.
package struct RebootPlan: Hashable, Sendable, Codable {
    /// Why a selected host is not in any wave.
    package struct Withheld: Hashable, Sendable, Codable {
        package let host: HostName
        /// One sentence for a person.
        package let reason: String

        package init(host: HostName, reason: String) { (self.host, self.reason) = (host, reason) }
    }

    /// How many hosts of a group may be unavailable at once.
    package struct GroupLimit: Hashable, Sendable, Codable {
        package let group: String
        package let members: [HostName]
        package let maxUnavailable: Int
    }

    package let waves: [[HostName]]
    package let withheld: [Withheld]
    package let limits: [GroupLimit]
    /// How many hosts may fail before no further one is started.
    package let failureBudget: Int
    /// Hosts that are not known to be well before the run starts; they count against the limits.
    package let unavailable: [HostName]

    /// Every host of every wave, in order.
    package var hosts: [HostName] { waves.flatMap(\.self) }

    /// The limit under which the host has no turn, because others are not known to be well before the run starts.
    package func limitSpent(for host: HostName) -> GroupLimit? {
        let others = Set(unavailable).subtracting([host])
        return limits.first { limit in
            limit.members.contains(host) && others.intersection(limit.members).count >= limit.maxUnavailable
        }
    }

    /// The plan as JSON; equal plans give equal text.
    package func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

extension RebootPlan {
    /// The plan that such a text holds.
    package init(text: String) throws { self = try JSONDecoder().decode(RebootPlan.self, from: Data(text.utf8)) }
}

/// Makes a `RebootPlan`: equal inputs give equal plans.
package struct RebootPlanner {
    /// The selected hosts, in the order in which they shall go.
    package var selected: [HostSettings]
    /// Every host of the inventory: group limits count all members, selected or not.
    package var fleet: [HostSettings]
    /// Hosts whose last attempt ended without proof and without an override.
    package var unavailable: Set<HostName>
    /// The slots that they hold.
    package var slots: [Slot]
    /// Which names lead to one machine.
    package var machines: Machines
    /// Hosts that must not be touched, with the reason: stop flags, closed windows.
    package var blocked: [HostName: String]
    /// Wave sizes; `nil` takes those of the first selected host.
    package var waves: [RebootSettings.Count]?

    package init(
        selected: [HostSettings], fleet: [HostSettings], unavailable: Set<HostName> = [], slots: [Slot] = [],
        machines: Machines = Machines(), blocked: [HostName: String] = [:], waves: [RebootSettings.Count]? = nil
    ) {
        (self.selected, self.fleet, self.unavailable, self.blocked) = (selected, fleet, unavailable, blocked)
        (self.slots, self.machines, self.waves) = (slots, machines, waves)
    }

    /// The plan for these hosts.
    package func plan() -> RebootPlan {
        var withheld: [RebootPlan.Withheld] = []
        var going: [HostSettings] = []
        // Stable: hosts of one rank keep the order in which they were selected.
        let ordered = selected.enumerated().sorted {
            ($0.element.reboot.rank, $0.offset) < ($1.element.reboot.rank, $1.offset)
        }
        for settings in ordered.map(\.element) {
            let first = machines.others(of: settings.host, .same).first { other in going.contains { $0.host == other } }
            if let reason = reasonToWithhold(settings)
                ?? first.map({ "it is one machine with \($0), which is rebooted for both names" })
            {
                withheld.append(RebootPlan.Withheld(host: settings.host, reason: reason))
            } else {
                going.append(settings)
            }
        }
        return RebootPlan(
            waves: waves(of: going.map(\.host)), withheld: withheld, limits: limits(for: going),
            failureBudget: going.map(\.reboot.failureBudget).min() ?? 1, unavailable: unavailable.sorted())
    }

    private func reasonToWithhold(_ settings: HostSettings) -> String? {
        if let reason = blocked[settings.host] { return reason }
        guard let root = settings.root else {
            return "the inventory does not say how its root is erased (ebb.root.strategy)"
        }
        if root.strategy == .none { return "its root is not ephemeral: a reboot proves nothing" }
        if settings.persist.isEmpty {
            return "no persistent storage is declared (ebb.persist): nothing could be proven kept"
        }
        return nil
    }

    private func waves(of hosts: [HostName]) -> [[HostName]] {
        let sizes = waves ?? selected.first?.reboot.waves ?? [.hosts(1)]
        var result: [[HostName]] = []
        var left = hosts[...]
        var index = 0
        while !left.isEmpty {
            let size = sizes.isEmpty ? .hosts(1) : sizes[min(index, sizes.count - 1)]
            let count =
                switch size {
                case .rest: left.count
                case .hosts, .percent: min(left.count, size.resolved(of: hosts.count))
                }
            result.append(Array(left.prefix(count)))
            left = left.dropFirst(count)
            index += 1
        }
        return result
    }

    /// One limit for each budget that a going host is under: its group (or the fleet), and what
    /// fails together with it.
    private func limits(for going: [HostSettings]) -> [RebootPlan.GroupLimit] {
        let budgets = GroupBudgets(fleet: fleet)
        let groups = Set(going.map(\.reboot.budgetGroup)).sorted { ($0 ?? "") < ($1 ?? "") }
        let domains = Set(going.compactMap(\.reboot.failureDomain)).sorted()
        let limits = groups.map(budgets.group) + domains.map(budgets.domain) + budgets.quorumLimits
        // What is down counts where it was, though its host may have left the inventory since.
        return limits.map { limit in
            RebootPlan.GroupLimit(
                group: limit.name, members: limit.members.union(slots.filter(limit.counts).compactMap(\.host)).sorted(),
                maxUnavailable: limit.maxUnavailable)
        }
    }
}

/// What a person wants to know of a host before it is rebooted, beside its place in the plan.
package struct PlanOutlook: Sendable {
    /// When a reboot of the host may be under way, the next five times; `nil`: at any time.
    package let openings: [Opening]?
    /// How long a reboot of it takes, in seconds; so long before a window's end none is started.
    package let estimate: Int
    /// What the newest observation said it would lose; `nil` without one.
    package let atRisk: AtRisk?
    /// Controls of its policy that a person waived, as far as the waivers hold now.
    package let waivers: [Waiver]
    /// What the gates say: every read-only one where the host was asked, else those that the database and the
    /// inventory can answer, which say nothing for a host.
    package var answer: Answer?
    /// Whether the host was asked, and not only what is on record of it.
    package var isAsked = false
    /// What no answer of the host changes: others are down, or a rollout holds it.
    package var outside: Answer?

    package init(openings: [Opening]?, estimate: Int, atRisk: AtRisk?, waivers: [Waiver]) {
        (self.openings, self.estimate, self.atRisk, self.waivers) = (openings, estimate, atRisk, waivers)
    }

    /// Paths that nobody accounted for, as they were stored.
    package struct AtRisk: Sendable {
        package let paths: Int
        package let bytes: Int64
        package let at: Date

        package init(paths: Int, bytes: Int64, at: Date) { (self.paths, self.bytes, self.at) = (paths, bytes, at) }
    }

    /// What asking the host gave.
    package enum Answer: Sendable {
        case wouldReboot
        case wouldNot(AttemptEnd)
        /// Nothing was judged, for this reason.
        case notKnown(String)
    }
}

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
