package import EbbModel
import FoundationEssentials

/// How many hosts of each set may be unavailable at once, as the whole inventory says.
///
/// The one place that reads `max_unavailable`: plans, attempts and FleetLock all ask here.
package struct GroupBudgets: Sendable {
    private let fleet: [HostSettings]
    private let groups: Set<String>
    private let quorums: [QuorumSet]

    /// Every host of the inventory.
    package let hosts: Set<HostName>

    package init(fleet: [HostSettings]) {
        self.fleet = fleet
        hosts = Set(fleet.map(\.host))
        groups = Set(fleet.flatMap(\.groups))
        quorums = QuorumSet.sets(of: fleet)
    }

    /// Every limit that a host is under: that of its group or of the whole fleet, that of what
    /// fails together with it, and those of its quorum sets.
    package func limits(on settings: HostSettings) -> [SlotLimit] {
        var limits = [group(settings.reboot.budgetGroup)]
        if let domain = settings.reboot.failureDomain { limits.append(self.domain(domain)) }
        return limits + quorumLimits.filter { $0.members.contains(settings.host) }
    }

    /// Why a host must not go down beside those that hold slots, who are named; `nil`: it may.
    ///
    /// Where agents outside Ebb hold slots of a group, the host shares that group's limit with them,
    /// though the group sets no budget for Ebb's own reboots.
    package func refusal(of settings: HostSettings, among slots: [Slot], where counts: (Slot) -> Bool = { _ in true })
        -> String?
    {
        let own = Slot(host: settings.host, since: .distantPast)
        let slots = slots.map { placed($0, beside: settings) }
        for limit in limits(on: settings) + limits(ofAgentsAmong: slots, with: settings.host) {
            let holders = limit.holders(among: slots, beside: own)
            guard holders.contains(where: counts) || holders.isEmpty else { continue }
            if let words = limit.refusal(of: own, among: slots) { return words }
        }
        return nil
    }

    /// A slot of a host that has left the inventory, of which nobody knows where it counted: it counts everywhere.
    private func placed(_ slot: Slot, beside settings: HostSettings) -> Slot {
        guard slot.host != nil, slot.limits == nil, hosts.isDisjoint(with: slot.names) else { return slot }
        return Slot(
            machine: slot.machine, holder: slot.holder, since: slot.since, names: slot.names,
            limits: Set(limits(on: settings).map(\.name)))
    }

    private func limits(ofAgentsAmong slots: [Slot], with host: HostName) -> [SlotLimit] {
        let asked = Set(slots.compactMap { slot in if case .agent(let group) = slot.holder { group } else { nil } })
        return asked.sorted().compactMap(fleetLock).filter { $0.members.contains(host) }
    }

    /// The limit of a FleetLock group, `default` being the whole fleet unless the inventory has a
    /// group of that name; `nil`: there is no such group.
    package func fleetLock(_ group: String) -> SlotLimit? {
        guard !fleet.isEmpty, group == "default" || groups.contains(group) else { return nil }
        return self.group(group)
    }

    /// The limits of the quorum sets.
    package var quorumLimits: [SlotLimit] { quorums.map { limit("quorum \($0.name)", Set($0.members), $0.spare) } }

    /// The limit of what fails together, such as a rack.
    package func domain(_ name: String) -> SlotLimit {
        let members = fleet.filter { $0.reboot.failureDomain == name }
        return limit("domain \(name)", Set(members.map(\.host)), strictest(members, members.count))
    }

    /// The limit of a group; of the whole fleet for none, and for a name that no host has.
    package func group(_ name: String?) -> SlotLimit {
        // `all` stands in nobody's list of groups. A group without members would limit nothing,
        // so the whole fleet is taken for it.
        let named = fleet.filter { name.map($0.groups.contains) ?? false }
        let members = named.isEmpty ? fleet : named
        let isFleet = members.count == fleet.count
        let setters = members.filter {
            let group = $0.reboot.budgetGroup
            return group == name || isFleet && (group == nil || group == "all")
        }
        // Where nobody sets the group's own number, the strictest of its members' is taken.
        return limit(
            name ?? "all", Set(members.map(\.host)), strictest(setters.isEmpty ? members : setters, members.count))
    }

    private func strictest(_ setters: [HostSettings], _ total: Int) -> Int {
        setters.map { $0.reboot.maxUnavailable.resolved(of: total) }.min() ?? 1
    }

    private func limit(_ name: String, _ members: Set<HostName>, _ most: Int) -> SlotLimit {
        let outside = fleet.filter { !members.contains($0.host) }
        var agents = groups.subtracting(outside.flatMap(\.groups))
        if outside.isEmpty { agents.insert("default") }
        return SlotLimit(name: name, members: members, agentGroups: agents, maxUnavailable: most)
    }
}
