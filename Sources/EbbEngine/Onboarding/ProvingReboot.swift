package import EbbModel
import EbbPlan
import EbbStore

extension RolloutDriver {
    /// One proven reboot of one host, as a rollout of its own with its own journal: `nil` when the
    /// boot is proven, else why it is not.
    package func prove(_ settings: HostSettings, acceptsLoss: Bool) async throws -> String? {
        let plan = RebootPlanner(selected: [settings], fleet: [settings], unavailable: [], blocked: [:]).plan()
        guard !plan.hosts.isEmpty else {
            return "the reboot is withheld: \(plan.withheld.first?.reason ?? "no host is left")"
        }
        let rollout: RolloutID
        do {
            rollout = try await replacing([settings]).start(plan, pattern: settings.host.text, acceptsLoss: acceptsLoss)
        } catch let error as StoreError where error.code == .hostsBusy {
            guard let held = error.busy.first else { throw error }
            return "rollout \(held.rollout.value) holds the host: ebb reboot resume "
                + "\(held.rollout.value), or override it, and run this again"
        }
        guard let attempt = try await store.attempts(of: rollout).last else { return "the reboot was not journaled" }
        if attempt.state == .proven { return nil }
        let state = attempt.reason ?? attempt.state.rawValue
        let reasons = attempt.verdict?.reasons.map { "; \($0)" }.joined() ?? ""
        return "the boot is not proven: \(attempt.lastEvent.detail["message"] ?? state) (\(state))" + reasons
    }
}
