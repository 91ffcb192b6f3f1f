import EbbEngine
import EbbModel
import EbbPlan
import EbbStore

/// One proven reboot of one host, as a rollout of its own with its own journal.
struct ProvingReboot: Sendable {
    let fleet: Fleet
    let options: GlobalOptions

    /// `nil` when the boot is proven, else why it is not.
    func run(_ settings: HostSettings) async throws -> String? {
        let store = try await fleet.store()
        let plan = RebootPlanner(
            selected: [settings], fleet: [settings], unavailable: [], blocked: [:]
        ).plan()
        guard !plan.hosts.isEmpty else { return "the reboot is withheld" }
        // What the trial found was decided on when the host was armed.
        let driver = try await fleet.driver(
            aborts: await Interrupts.trap(notes: options.notes),
            RolloutWatcher(notes: options.notes))
        let rollout: RolloutID
        do {
            rollout = try await driver.start(
                plan, pattern: settings.host.text, acceptsLoss: true)
        } catch let error as StoreError where error.code == .hostsBusy {
            guard let held = error.busy.first else { throw error }
            return "rollout \(held.rollout.value) holds the host: ebb reboot resume "
                + "\(held.rollout.value), or override it, and run this again"
        }
        guard let attempt = try await store.attempts(of: rollout).last else {
            return "the reboot was not journaled"
        }
        if attempt.state == .proven { return nil }
        let words = attempt.lastEvent.detail["message"] ?? attempt.reason ?? attempt.state.rawValue
        return "the boot is not proven: \(words) (\(attempt.reason ?? attempt.state.rawValue))"
            + reasons(attempt)
    }

    private func reasons(_ attempt: StoredAttempt) -> String {
        guard let reasons = attempt.verdict?.reasons, !reasons.isEmpty else { return "" }
        return "; " + reasons.joined(separator: "; ")
    }
}
