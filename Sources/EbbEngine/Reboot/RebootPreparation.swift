package import EbbModel
package import EbbPlan
package import EbbStore
import FoundationEssentials

/// Gathers what a plan needs: the selected hosts, which hosts are not known to be well, and what
/// forbids a reboot now.
package struct RebootPreparation: Sendable {
    package let selected: [HostSettings]
    let all: [HostSettings]
    let store: Store
    let clock: EngineClock

    /// The plan for the selected hosts, as the database stands now.
    package func plan() async throws(StoreError) -> RebootPlan {
        let (gate, unavailable) = try await gate()
        return RebootPlanner(
            selected: selected, fleet: all, unavailable: unavailable, blocked: try await blocked(selected, gate)
        ).plan()
    }

    /// Why this host must not be rebooted at this moment; `nil` when it may.
    func reasonToWithhold(_ settings: HostSettings) async throws(StoreError) -> String? {
        try await blocked([settings], gate().0)[settings.host]
    }

    /// What the gate says, and whether agents outside Ebb (FleetLock) leave room.
    private func blocked(_ hosts: [HostSettings], _ gate: RebootGate) async throws(StoreError) -> [HostName: String] {
        var blocked = gate.blocked(hosts)
        let slots = try await store.slots()
        guard slots.contains(where: { $0.host == nil }) else { return blocked }
        let budgets = GroupBudgets(fleet: all)
        for settings in hosts {
            guard let reason = budgets.refusal(of: settings, among: slots, where: { $0.host == nil }) else { continue }
            blocked[settings.host] = [blocked[settings.host], reason].compactMap(\.self).joined(separator: "; ")
        }
        return blocked
    }

    /// What stands against reboots at this moment.
    func currentGate() async throws(StoreError) -> RebootGate { try await gate().0 }

    private func gate() async throws(StoreError) -> (RebootGate, Set<HostName>) {
        let unavailable = Set(try await store.slots().compactMap(\.host))
        var durations: [HostName: [Int]] = [:]
        for settings in all {
            let attempts = try await store.attempts(of: settings.host, limit: 50)
            durations[settings.host] = attempts.filter { $0.state == .proven }.map {
                Int($0.updatedAt.timeIntervalSince($0.sentAt ?? $0.createdAt))
            }
        }
        let now = clock.date()
        let flags = try await store.stopFlags().filter { $0.isInForce(at: now) }.map(\.flag)
        let gate = RebootGate(now: now, fleet: all, flags: flags, unavailable: unavailable, durations: durations)
        return (gate, unavailable)
    }
}
