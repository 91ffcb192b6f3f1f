package import EbbModel

/// Decides, from a fresh observation of a host, whether it may be rebooted now.
///
/// Anything that is not known blocks. The first reason that applies is given.
package struct PreflightGate: Sendable {
    /// What Ebb knows of the machine that it runs on.
    package struct Controller: Hashable, Sendable {
        package let bootID: BootID?
        package let machineID: String?

        package init(bootID: BootID?, machineID: String?) { (self.bootID, self.machineID) = (bootID, machineID) }
    }

    package let settings: HostSettings
    package let controller: Controller
    /// Whether a person agreed to lose what is at risk.
    package let acceptsLoss: Bool

    package init(settings: HostSettings, controller: Controller, acceptsLoss: Bool) {
        (self.settings, self.controller, self.acceptsLoss) = (settings, controller, acceptsLoss)
    }

    /// Why the host must not be rebooted; `nil` when it may be.
    ///
    /// `open` is declared content that is not as on record in the boot that it runs.
    package func objection(
        to observation: Observation, declared: [DeclaredFinding], open: [CensusFinding] = [], entries: some DriftSource
    ) -> AttemptEnd? {
        identity(observation.facts) ?? strategy(observation.strategy) ?? storage(observation.facts) ?? persistence(
            declared) ?? content(open) ?? work(observation.facts) ?? completeness(observation) ?? loss(entries)
    }

    /// Why the host would not be rebooted if it were now as it was observed then.
    ///
    /// What passes by itself is not asked, nor is what the observation does not say: both are found out at
    /// the time of the run.
    package func objection(
        toStored facts: HostFacts, strategy observed: Strategy?, declared: [DeclaredFinding], open: [CensusFinding],
        losses: Losses
    ) -> AttemptEnd? {
        [
            identity(facts), observed.flatMap(strategy), storage(facts),
            persistence(declared.filter { $0.verdict != .unknown }), content(open), loss(losses),
        ].compactMap(\.self).first { $0.reason != .preflightIncomplete }
    }

    private func identity(_ facts: HostFacts) -> AttemptEnd? {
        guard let boot = facts.bootID, let machine = facts.machineID else {
            return AttemptEnd(.preflightIncomplete, "boot id or machine id could not be read")
        }
        // One kernel cannot be rebooted from within and be watched doing it.
        if boot == controller.bootID || machine == controller.machineID {
            return AttemptEnd(.controllerItself, "it is the machine that Ebb runs on")
        }
        return nil
    }

    private func strategy(_ observed: Strategy?) -> AttemptEnd? {
        guard let declared = settings.root?.strategy else {
            return AttemptEnd(.strategyMismatch, "no strategy is declared")
        }
        guard let observed else { return AttemptEnd(.preflightIncomplete, "how the root is mounted could not be read") }
        guard observed == declared else {
            return AttemptEnd(
                .strategyMismatch, "the root is \(observed.rawValue), but the inventory declares \(declared.rawValue)")
        }
        return nil
    }

    private func storage(_ facts: HostFacts) -> AttemptEnd? {
        let mounted = Set(facts.mounts.map(\.mountPoint))
        for storage in settings.persist where !mounted.contains(BytePath(storage.mount)) {
            return AttemptEnd(.storageNotMounted, "\(storage.mount) is not mounted")
        }
        for use in facts.storage where use.totalBytes > 0 {
            let free = 100 * (Double(use.availableBytes) / Double(use.totalBytes))
            guard 100 - free > Double(settings.reboot.storageMax) else { continue }
            return AttemptEnd(
                .storageNearlyFull,
                "\(use.mount) is \(Int(100 - free)) % full, and `storage_max` allows \(settings.reboot.storageMax) %")
        }
        return nil
    }

    /// What a reboot would cut short.
    private func work(_ facts: HostFacts) -> AttemptEnd? {
        if settings.reboot.whileBusy { return nil }
        guard let busy = facts.busy else { return nil }
        return busy.first.map { AttemptEnd(.hostBusy, $0 + (busy.count > 1 ? ", and \(busy.count - 1) more" : "")) }
    }

    private func persistence(_ declared: [DeclaredFinding]) -> AttemptEnd? {
        for finding in declared {
            switch finding.verdict {
            case .inEffect: continue
            case .unknown: return AttemptEnd(.preflightIncomplete, "\(finding.entry.path): \(finding.reason)")
            case .leaked, .missing, .readOnly, .wrongAttributes:
                return AttemptEnd(.persistenceNotInEffect, "\(finding.entry.path): \(finding.reason)")
            }
        }
        return nil
    }

    /// The next proof would take what is there now for what there was.
    private func content(_ open: [CensusFinding]) -> AttemptEnd? {
        guard !open.isEmpty else { return nil }
        return AttemptEnd(.contentUndecided, open.words(of: settings.host))
    }

    private func completeness(_ observation: Observation) -> AttemptEnd? {
        let gaps = observation.gaps.filter { !acceptsLoss || !$0.isAboutDrift }
        guard let gap = gaps.first else { return nil }
        return AttemptEnd(.preflightIncomplete, gap.words)
    }

    private func loss(_ losses: Losses) -> AttemptEnd? {
        losses.needConsent && !acceptsLoss ? AttemptEnd(.driftOverPolicy, losses.objection) : nil
    }

    private func loss(_ entries: some DriftSource) -> AttemptEnd? {
        if acceptsLoss { return nil }
        do { return loss(try Losses(entries, settings: settings)) } catch {
            return AttemptEnd(.preflightIncomplete, "the drift could not be read again: \(error)")
        }
    }
}
