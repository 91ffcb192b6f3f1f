/// How many machines of a set may be unavailable at once.
package struct SlotLimit: Hashable, Sendable {
    /// What the set is called, such as `web` or `quorum etcd`.
    package let name: String
    package let members: Set<HostName>
    /// The FleetLock groups that lie wholly within the set: their agents' slots count in it.
    package let agentGroups: Set<String>
    package let maxUnavailable: Int

    package init(name: String, members: Set<HostName>, agentGroups: Set<String> = [], maxUnavailable: Int) {
        (self.name, self.members, self.agentGroups) = (name, members, agentGroups)
        self.maxUnavailable = maxUnavailable
    }

    /// The slots that count in this set beside a machine's own.
    package func holders(among slots: [Slot], beside own: Slot) -> [Slot] {
        var agents: Set<String> = []
        return slots.filter { slot in
            guard !slot.isSameMachine(as: own) else { return false }
            switch slot.holder {
            case .host: return counts(slot)
            case .agent(let group):
                // An agent that asked in two groups is one machine.
                return agentGroups.contains(group) && agents.insert(slot.machine).inserted
            }
        }
    }

    /// Whether a host's slot counts in this set: under any name of its machine, and where it was counted when it
    /// was taken, though its host may have left the inventory since.
    package func counts(_ slot: Slot) -> Bool {
        !members.isDisjoint(with: slot.names) || slot.limits?.contains(name) == true
    }

    /// Why this slot must not be taken, with the names of those that hold others; `nil`: it may.
    package func refusal(of slot: Slot, among slots: [Slot]) -> String? {
        let holders = holders(among: slots, beside: slot)
        guard holders.count >= maxUnavailable else { return nil }
        let named = holders.prefix(5).map(\.words).joined(separator: ", ")
        let more = holders.count > 5 ? " and \(holders.count - 5) more" : ""
        let held = holders.isEmpty ? "none is free" : "taken by \(named)\(more)"
        return "\(PrintableText.line(name)): at most \(maxUnavailable) may be unavailable at once, " + held
    }
}
