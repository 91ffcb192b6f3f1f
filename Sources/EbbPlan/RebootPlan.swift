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
    /// What every read-only gate says now; `nil` when nobody was asked.
    package var answer: Answer?

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
        /// What it answered could not be stored, so nothing was judged.
        case notKnown(String)
    }
}
