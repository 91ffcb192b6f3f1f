package import EbbModel

/// Makes a `RebootPlan`: equal inputs give equal plans.
package struct RebootPlanner {
    /// The selected hosts, in the order in which they shall go.
    package var selected: [HostSettings]
    /// Every host of the inventory: group limits count all members, selected or not.
    package var fleet: [HostSettings]
    /// Hosts whose last attempt ended without proof and without an override.
    package var unavailable: Set<HostName>
    /// Hosts that must not be touched, with the reason: stop flags, closed windows.
    package var blocked: [HostName: String]
    /// Wave sizes; `nil` takes those of the first selected host.
    package var waves: [RebootSettings.Count]?

    package init(
        selected: [HostSettings], fleet: [HostSettings], unavailable: Set<HostName> = [],
        blocked: [HostName: String] = [:], waves: [RebootSettings.Count]? = nil
    ) {
        (self.selected, self.fleet, self.unavailable, self.blocked) = (selected, fleet, unavailable, blocked)
        self.waves = waves
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
            if let reason = reasonToWithhold(settings) {
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
        return limits.map { limit in
            RebootPlan.GroupLimit(
                group: limit.name, members: limit.members.sorted(), maxUnavailable: limit.maxUnavailable)
        }
    }
}
