package import EbbModel
package import EbbPlan
import EbbSetup
package import EbbStore
import EbbTransport

extension Engine {
    /// Looks at a host, and says why it must not be rebooted now; without an objection it may be.
    ///
    /// Everything in here only reads.
    package func preflight(_ settings: HostSettings, controller: PreflightGate.Controller, acceptsLoss: Bool)
        async throws(StoreError) -> (look: HostObservation, objection: AttemptEnd?)
    {
        let look = try await observe(settings, kind: .preflight)
        if let error = look.transportError { return (look, settings.notHeard(error)) }
        let gate = PreflightGate(settings: settings, controller: controller, acceptsLoss: acceptsLoss)
        let objection = gate.objection(to: look.observation, declared: look.declared, entries: look.entries)
        // A blank that is gone leaves the observation incomplete as well: then the blank is what to report.
        guard objection == nil || objection?.reason == .preflightIncomplete else { return (look, objection) }
        var ofBlank = try await objectionOfBlank(settings)
        if ofBlank == nil, let name = settings.blankName, let changed = look.observation.facts.blankState?.changed {
            ofBlank = AttemptEnd(.blankUnfit, "\(name): it was changed after it was taken: \(changed)")
        }
        return (look, ofBlank?.reason == .blankUnfit ? ofBlank : objection ?? ofBlank)
    }

    /// Why the boot would not go back to the blank on record, or could not.
    private func objectionOfBlank(_ settings: HostSettings) async throws(StoreError) -> AttemptEnd? {
        guard let wanted = settings.blankOnly, let name = settings.blankName else { return nil }
        let look = try await planDatasets(wanted)
        guard let plan = look.plan else {
            return AttemptEnd(
                .preflightIncomplete, "the blank \(name) could not be looked at: \(look.gap?.message ?? "no answer")")
        }
        if let obstacle = look.obstacle { return AttemptEnd(.blankUnfit, obstacle) }
        // What a root is filled from need not be Ebb's, nor readable, where Ebb has none on record.
        if wanted.isRootCopied { return nil }
        guard plan.items.contains(where: { $0.name == name && $0.decision != .snapshot }) else {
            return AttemptEnd(.blankUnfit, "\(name): it is not there: nothing would be erased")
        }
        return nil
    }
}

extension HostSettings {
    /// The end for a host that fell silent before it was told anything.
    ///
    /// One that is often away is away: that is no failure, as long as it passes by itself.
    func notHeard(_ error: TransportError) -> AttemptEnd {
        let isAway = reboot.isOftenAway && error.code.isTransient
        return AttemptEnd(isAway ? .away : .unreachable, error.message)
    }
}
