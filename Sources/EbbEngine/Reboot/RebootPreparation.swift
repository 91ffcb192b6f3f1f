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

    package init(selected: [HostSettings], all: [HostSettings], store: Store) {
        self.selected = selected
        self.all = all
        self.store = store
    }

    /// The plan for the selected hosts, as the database stands now.
    package func plan() async throws(StoreError) -> RebootPlan {
        let (gate, unavailable) = try await gate()
        let quorums = QuorumSet.sets(of: all).map { set in
            RebootPlan.GroupLimit(
                group: "quorum \(set.name)", members: set.members, maxUnavailable: set.spare)
        }
        return RebootPlanner(
            selected: selected, fleet: all, unavailable: unavailable,
            blocked: try await blocked(selected, gate), quorums: quorums
        ).plan()
    }

    /// Why this host must not be rebooted at this moment; `nil` when it may.
    func reasonToWithhold(_ settings: HostSettings) async throws(StoreError) -> String? {
        try await blocked([settings], gate().0)[settings.host]
    }

    /// What the gate says, and whether agents outside Ebb leave room.
    private func blocked(
        _ hosts: [HostSettings], _ gate: RebootGate
    ) async throws(StoreError) -> [HostName: String] {
        var blocked = gate.blocked(hosts)
        let agents = OutsideAgents(
            holders: try await store.lockHolders(), all: all, unavailable: gate.unavailable)
        guard !agents.holders.isEmpty else { return blocked }
        for settings in hosts {
            guard let reason = agents.reason(toWithhold: settings) else { continue }
            blocked[settings.host] = [blocked[settings.host], reason].compactMap(\.self)
                .joined(separator: "; ")
        }
        return blocked
    }

    /// What stands against reboots at this moment.
    func currentGate() async throws(StoreError) -> RebootGate { try await gate().0 }

    private func gate() async throws(StoreError) -> (RebootGate, Set<HostName>) {
        var unavailable: Set<HostName> = []
        var durations: [HostName: [Int]] = [:]
        for settings in all {
            let attempts = try await store.attempts(of: settings.host, limit: 50)
            if let last = attempts.first, isUnwell(last) { unavailable.insert(settings.host) }
            durations[settings.host] = attempts.filter { $0.state == .proven }
                .map { Int($0.updatedAt.timeIntervalSince($0.sentAt ?? $0.createdAt)) }
        }
        let now = Date()
        let flags = try await store.stopFlags().filter { $0.isInForce(at: now) }.map(\.flag)
        let gate = RebootGate(
            now: now, fleet: all, flags: flags, unavailable: unavailable, durations: durations)
        return (gate, unavailable)
    }

    /// Whether a host's last attempt left it without proof, and nobody has overridden that.
    private func isUnwell(_ attempt: StoredAttempt) -> Bool {
        guard attempt.override == nil else { return false }
        switch attempt.state {
        case .failed, .inconclusive, .intent, .sent, .booted: return true
        case .planned, .preflight, .canaries, .proven, .skipped: return false
        }
    }
}
