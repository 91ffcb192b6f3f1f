import EbbModel
import EbbPlan
import EbbStore
import FoundationEssentials

/// Slots that agents outside Ebb hold (FleetLock), and what they leave of a group's budget.
struct OutsideAgents: Sendable {
    let holders: [String: [StoredLockHolder]]
    let all: [HostSettings]
    let unavailable: Set<HostName>

    /// Why the host must not go down now, in one sentence; `nil` when the agents leave room.
    ///
    /// Outside agents and hosts that are not known to be well draw from one budget.
    func reason(toWithhold settings: HostSettings) -> String? {
        for (group, agents) in holders.sorted(by: { $0.key < $1.key }) where !agents.isEmpty {
            guard settings.groups.contains(group) || group == "default" else { continue }
            let members = all.filter { $0.groups.contains(group) || group == "default" }
            let slots =
                members.map { $0.reboot.maxUnavailable.resolved(of: members.count) }.min() ?? 1
            let unwell = members.count {
                $0.host != settings.host && unavailable.contains($0.host)
            }
            guard agents.count + unwell >= slots, let first = agents.first else { continue }
            return "an agent outside Ebb holds a slot of \(PrintableText.line(group)): "
                + "\(PrintableText.line(first.id)), since \(UTCText.rfc3339(first.since))"
        }
        return nil
    }
}
