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
        let gate = try await gate()
        let slots = try await store.slots()
        return RebootPlanner(
            selected: selected, fleet: all, unavailable: Set(slots.compactMap(\.host)), slots: slots,
            machines: try await store.machines(), blocked: try await blocked(selected, gate)
        ).plan()
    }

    /// Why this host must not be rebooted at this moment; `nil` when it may.
    func reasonToWithhold(_ settings: HostSettings) async throws(StoreError) -> String? {
        try await blocked([settings], gate())[settings.host]
    }

    /// What the gate says, whether another name of the machine is down, and whether agents outside Ebb
    /// (FleetLock) leave room.
    private func blocked(_ hosts: [HostSettings], _ gate: RebootGate) async throws(StoreError) -> [HostName: String] {
        var blocked = gate.blocked(hosts)
        let slots = try await store.slots()
        let machines = try await store.machines()
        let budgets = GroupBudgets(fleet: all)
        let hasAgents = slots.contains { $0.host == nil }
        for settings in hosts {
            let reasons = [
                blocked[settings.host],
                machines.refusal(of: settings.host, among: slots, known: budgets.hosts.contains),
                hasAgents ? budgets.refusal(of: settings, among: slots, where: { $0.host == nil }) : nil,
            ].compactMap(\.self)
            if !reasons.isEmpty { blocked[settings.host] = reasons.joined(separator: "; ") }
        }
        return blocked
    }

    /// What stands against reboots at this moment.
    func currentGate() async throws(StoreError) -> RebootGate { try await gate() }

    private func gate() async throws(StoreError) -> RebootGate {
        // Under whichever of its names a machine is down, it is down under all.
        let unavailable = Set(try await store.slots().flatMap(\.names))
        var durations: [HostName: [Int]] = [:]
        for settings in all {
            let attempts = try await store.attempts(of: settings.host, limit: 50)
            durations[settings.host] = attempts.filter { $0.state == .proven }.map {
                Int($0.updatedAt.timeIntervalSince($0.sentAt ?? $0.createdAt))
            }
        }
        let now = clock.date()
        let flags = try await store.stopFlags().filter { $0.isInForce(at: now) }.map(\.flag)
        return RebootGate(now: now, fleet: all, flags: flags, unavailable: unavailable, durations: durations)
    }
}
