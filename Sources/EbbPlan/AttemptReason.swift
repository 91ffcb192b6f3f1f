package import EbbModel

/// Why an attempt ended as it did; the closed list that scripts may match on.
package enum AttemptReason: String, Sendable, Codable, CaseIterable {
    // Skipped: the host was certainly not told to reboot.

    /// The host could not be asked beforehand.
    case unreachable
    /// A host that is often away, a laptop, was away or went away before it was told anything.
    case away
    /// A question that must be answered before a reboot was not.
    case preflightIncomplete = "preflight-incomplete"
    /// Something declared is not in effect, so the boot would lose it.
    case persistenceNotInEffect = "persistence-not-in-effect"
    /// Declared content was not as on record when the host was found in this boot, and nobody decided about it.
    case contentUndecided = "content-undecided"
    /// Declared persistent storage is not mounted.
    case storageNotMounted = "storage-not-mounted"
    /// The host's root is not erased the way the inventory says.
    case strategyMismatch = "strategy-mismatch"
    /// The blank is not the recorded one, is not there, or cannot be gone back to.
    case blankUnfit = "blank-unfit"
    /// Leaked or unexplained paths exceed what the policy lets a reboot lose.
    case driftOverPolicy = "drift-over-policy"
    /// The host is the machine that Ebb runs on.
    case controllerItself = "controller-itself"
    /// Packages are being installed, a backup runs or a disk is rebuilt.
    case hostBusy = "host-busy"
    /// Persistent storage is fuller than the inventory allows for a reboot.
    case storageNearlyFull = "storage-nearly-full"
    /// A command that must succeed before the reboot did not.
    case hookFailed = "hook-failed"
    /// Another controller, with another database, is about to reboot the host or is doing it.
    case heldElsewhere = "held-elsewhere"
    /// Another name leads to the same machine, and has its turn in this rollout or holds a slot.
    case sameMachine = "same-machine"
    /// Whether another name leads to the same machine is not clear: `ebb host accept` decides.
    case identityUnclear = "identity-unclear"
    /// What would be lost could not be copied to persistent storage first.
    case safetyCopyFailed = "safety-copy-failed"
    /// A canary could not be written and read back.
    case canaryFailed = "canary-failed"
    /// A window, a blackout, a quorum or a stop flag forbids it now.
    case notAllowedNow = "not-allowed-now"
    /// A group of the host has no slot left: others are down, or not known to be well.
    case maxUnavailable = "max-unavailable"
    /// An earlier failure spent the budget before this host's turn.
    case budgetSpent = "budget-spent"
    /// A person ended the run before this host's turn.
    case aborted

    // Failed: the evidence disproves something.

    /// The host said no to the reboot.
    case refused
    /// The host stayed up with the old boot id.
    case didNotReboot = "did-not-reboot"
    /// Its services were restarted and its kernel was not: nothing was erased.
    case softRebooted = "soft-rebooted"
    /// The host answers with a host key other than the pinned one: its identity was lost.
    case hostKeyChanged = "host-key-changed"
    /// The host no longer accepts the key that it accepted before: authorized keys were lost.
    case authorizedKeysLost = "authorized-keys-lost"
    /// Another machine answers at the host's address.
    case differentMachine = "different-machine"
    /// What was on the root before the boot is still there.
    case notErased = "not-erased"
    /// Some of the mounts that a boot must erase were erased, and not all of them.
    case partlyErased = "partly-erased"
    /// The root was made from another blank than the recorded one, or from one that was changed in place.
    case blankReplaced = "blank-replaced"
    /// Declared persistent storage is not mounted any more.
    case persistNotMounted = "persist-not-mounted"
    /// Something else is mounted where persistent storage was, or it was emptied.
    case persistReplaced = "persist-replaced"
    /// What was on persistent storage before the boot is gone.
    case stateLost = "state-lost"
    /// A declared path is not in effect after the boot, or its content did not come through.
    case declaredLost = "declared-lost"
    /// What is declared came through, under another owner or mode.
    case attributesDiffer = "attributes-differ"
    /// What is declared came through, and nothing can be written there: it is full, read-only, immutable or closed.
    case notWritable = "not-writable"
    /// Another storage than before holds a declared path.
    case storageReplaced = "storage-replaced"
    /// A unit that ran before the boot failed after it.
    case unitFailed = "unit-failed"
    /// A command that must succeed after the boot did not.
    case healthFailed = "health-failed"
    /// A unit failed within the soak that was well when the boot was judged.
    case degraded
    /// The host booted again while it was being watched.
    case bootLoop = "boot-loop"

    // Inconclusive: the evidence does not answer.

    /// The host did not answer again before the deadline.
    case neverBack = "never-back"
    /// The host accepts connections, and its SSH server says nothing.
    case sshFrozen = "ssh-frozen"
    /// The host answered, and something that the proof needs could not be read.
    case evidenceIncomplete = "evidence-incomplete"
    /// The host had not come to the end of its start when the soak was over.
    case notSettled = "not-settled"
    /// The evidence contradicts itself.
    case evidenceContradicts = "evidence-contradicts"

    // Proven.

    /// Erased and kept, with evidence for both.
    case proven
}

extension AttemptReason {
    /// The final state that the reason belongs to.
    package var state: AttemptState {
        switch self {
        case .unreachable, .away, .preflightIncomplete, .persistenceNotInEffect, .contentUndecided, .storageNotMounted,
            .strategyMismatch, .blankUnfit, .driftOverPolicy, .controllerItself, .hostBusy, .storageNearlyFull,
            .hookFailed, .canaryFailed, .heldElsewhere, .sameMachine, .identityUnclear, .safetyCopyFailed,
            .notAllowedNow, .maxUnavailable, .budgetSpent, .aborted:
            .skipped
        case .refused, .didNotReboot, .softRebooted, .hostKeyChanged, .authorizedKeysLost, .differentMachine,
            .notErased, .partlyErased, .blankReplaced, .persistNotMounted, .persistReplaced, .stateLost, .declaredLost,
            .attributesDiffer, .notWritable, .storageReplaced, .unitFailed, .healthFailed, .degraded, .bootLoop:
            .failed
        case .neverBack, .sshFrozen, .evidenceIncomplete, .notSettled, .evidenceContradicts: .inconclusive
        case .proven: .proven
        }
    }

    /// Whether the end counts against the failure budget of a run.
    ///
    /// A host that could not be asked counts like one that failed: of neither does anybody know
    /// that it is well. A host that was left alone because of a rule does not count.
    package var countsAsFailure: Bool {
        switch self {
        case .proven, .away, .aborted, .budgetSpent, .controllerItself, .driftOverPolicy, .hostBusy, .storageNearlyFull,
            .hookFailed, .strategyMismatch, .persistenceNotInEffect, .contentUndecided, .notAllowedNow, .maxUnavailable,
            .heldElsewhere, .sameMachine, .identityUnclear, .safetyCopyFailed, .blankUnfit:
            false
        case .unreachable, .preflightIncomplete, .storageNotMounted, .canaryFailed, .refused, .didNotReboot,
            .softRebooted, .hostKeyChanged, .authorizedKeysLost, .differentMachine, .notErased, .partlyErased,
            .blankReplaced, .persistNotMounted, .persistReplaced, .stateLost, .declaredLost, .attributesDiffer,
            .notWritable, .storageReplaced, .unitFailed, .healthFailed, .degraded, .bootLoop, .neverBack, .sshFrozen,
            .evidenceIncomplete, .notSettled, .evidenceContradicts:
            true
        }
    }
}

/// The end of one host's attempt: a reason from the closed list, and what it rests on.
package struct AttemptEnd: Hashable, Sendable, Codable {
    package let reason: AttemptReason
    /// One sentence for a person.
    package let message: String
    /// What the boot proved, where there was one to judge.
    package let verdict: BootVerdict?

    package init(_ reason: AttemptReason, _ message: String, verdict: BootVerdict? = nil) {
        (self.reason, self.message, self.verdict) = (reason, message, verdict)
    }

    /// The same end, with more to say.
    package func adding(_ words: String) -> AttemptEnd { AttemptEnd(reason, "\(message); \(words)", verdict: verdict) }
}

/// What the ends of reboots mean for the exit of a command: the one place that says so.
package enum RolloutExit {
    /// The status of a rollout: its hosts, those that the plan withheld, and whether a signal ended it.
    ///
    /// A withheld host was meant to be proven and is not: that is a finding.
    package static func status(
        of hosts: [(state: AttemptState, reason: String?)], withheld: Int = 0, isInterrupted: Bool = false
    ) -> ExitStatus {
        var status: ExitStatus = withheld > 0 ? .findings : .success
        for host in hosts { status = status.merged(with: self.status(of: host.state, reason: host.reason)) }
        return isInterrupted ? status.merged(with: .interrupted) : status
    }

    /// The status of one host's attempt; a reason from another version of Ebb is judged by the state.
    package static func status(of state: AttemptState, reason: String?) -> ExitStatus {
        switch state {
        case .proven: .success
        case .failed, .skipped: reason.flatMap(AttemptReason.init(rawValue:))?.exitStatus ?? .findings
        case .inconclusive, .planned, .preflight, .canaries, .intent, .sent, .booted: .incomplete
        }
    }
}

extension AttemptReason {
    /// 0 for a proof, 4 where a host was not heard or its end is not known, else 3.
    package var exitStatus: ExitStatus {
        switch self {
        case .proven: .success
        case .unreachable, .away, .preflightIncomplete: .incomplete
        default: state == .inconclusive ? .incomplete : .findings
        }
    }
}
