/// Where one host stands in one attempt to reboot it.
///
/// Each state is written to the journal before the effect that it names is started, so that after
/// a crash the journal says at most one step more than what happened.
package enum AttemptState: String, Sendable, Codable, CaseIterable {
    /// In the plan; nothing was done. Next: `preflight`, `skipped`.
    case planned
    /// Read-only questions are being asked. Next: `canaries`, `skipped`.
    case preflight
    /// Canaries are being written. Next: `intent`, `skipped`.
    case canaries
    /// The reboot is about to be sent, or was. Next: `sent`, `failed`, `inconclusive`; `skipped`
    /// where the host says that it was never handed over.
    case intent
    /// The host acknowledged the reboot, or may have. Next: `booted`, `failed`, `inconclusive`.
    case sent
    /// A new boot answered; proof is being gathered. Next: the three verdicts.
    case booted
    /// Final: erased and kept, with evidence.
    case proven
    /// Final: the boot disproved something, or did not happen.
    case failed
    /// Final until a person decides: the evidence does not answer. Keeps its slot.
    case inconclusive
    /// Final: not rebooted, for the recorded reason.
    case skipped

    /// Whether the attempt moves no further by itself.
    package var isFinal: Bool {
        switch self {
        case .proven, .failed, .inconclusive, .skipped: true
        case .planned, .preflight, .canaries, .intent, .sent, .booted: false
        }
    }

    /// Whether the host may have been told to reboot in this attempt.
    package var mayHaveRebooted: Bool {
        switch self {
        case .intent, .sent, .booted, .proven, .failed, .inconclusive: true
        case .planned, .preflight, .canaries, .skipped: false
        }
    }
}
