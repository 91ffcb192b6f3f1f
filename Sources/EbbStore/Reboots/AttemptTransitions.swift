package import EbbModel

extension AttemptState {
    /// The states that may follow; none after a final one.
    package var successors: Set<AttemptState> {
        switch self {
        case .planned: [.preflight, .skipped]
        case .preflight: [.canaries, .skipped]
        case .canaries: [.intent, .skipped]
        // `skipped` only where the host says that the reboot was never handed over.
        case .intent: [.sent, .failed, .inconclusive, .skipped]
        case .sent: [.booted, .failed, .inconclusive]
        case .booted: [.proven, .failed, .inconclusive]
        case .proven, .failed, .inconclusive, .skipped: []
        }
    }

    /// Whether an attempt that ends here, in a rollout that has ended, frees its host.
    ///
    /// A slot is freed by proof, by a disproof that is known, or by a person; never by time. What
    /// may have been sent and was not decided stays held.
    var freesHost: Bool {
        switch self {
        case .planned, .preflight, .canaries, .proven, .failed, .skipped: true
        case .intent, .sent, .booted, .inconclusive: false
        }
    }
}
