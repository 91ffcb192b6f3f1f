import EbbModel
import EbbPlan
import EbbStore
import FoundationEssentials

/// Gathers what a plan needs: the selected hosts, and which hosts are not known to be well.
struct RebootPreparation: Sendable {
    let fleet: Fleet

    /// The plan for the selected hosts, as the database stands now.
    func plan() async throws -> RebootPlan {
        let store = try await fleet.store()
        var unavailable: Set<HostName> = []
        for settings in fleet.all {
            let last = try await store.attempts(of: settings.host, limit: 1).first
            if let last, isUnwell(last) { unavailable.insert(settings.host) }
        }
        var blocked: [HostName: String] = [:]
        let now = Date()
        for stored in try await store.stopFlags() where stored.isInForce(at: now) {
            let flag = stored.flag
            for settings in fleet.selected
            where flag.concerns(settings.host, in: settings.groups) {
                blocked[settings.host] = "stop flag by \(flag.author): \(flag.reason)"
            }
        }
        return RebootPlanner(
            selected: fleet.selected, fleet: fleet.all, unavailable: unavailable,
            blocked: blocked
        ).plan()
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
