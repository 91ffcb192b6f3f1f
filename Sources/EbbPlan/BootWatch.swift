package import EbbModel

/// Decides, probe by probe, whether a host that was told to reboot has come back.
///
/// It compares boot ids and never waits for an edge, so a reboot faster than the first probe and
/// one that takes minutes look the same. It always ends: by an answer or by the deadline.
package struct BootWatch: Sendable {
    /// What one probe met.
    package enum Probe: Hashable, Sendable {
        /// The host answered with this boot id.
        case answered(BootID)
        /// No answer, as is to be expected of a host that is going down or coming up.
        case silent(String)
        /// The host offers a host key other than the pinned one.
        case otherHostKey(String)
        /// The host refuses the key that it accepted before.
        case refusedLogin(String)
        /// The host key is right, and the machine behind it is not the recorded one.
        case otherMachine(String)
    }

    /// What to do next.
    package enum Decision: Hashable, Sendable {
        /// Probe again after this pause.
        case wait(Duration)
        /// The host runs a new boot.
        case booted(BootID)
        /// The wait is over without a new boot.
        case end(AttemptEnd)
    }

    private let before: BootID
    private let timeout: Duration
    /// How long refused logins are taken for a boot that has not mounted its homes yet.
    private let loginGrace: Duration
    private var refusedSince: Duration?
    private var last = "it was never asked"
    private var answersWithOldBoot = 0
    private var hasBeenSilent = false
    private var pause = Duration.milliseconds(250)

    package init(before: BootID, timeout: Duration, loginGrace: Duration = .seconds(30)) {
        self.before = before
        self.timeout = timeout
        self.loginGrace = loginGrace
    }

    /// The last thing that was learned, for a person who watches.
    package var lastReason: String { last }

    /// Takes note of a probe that ended when `elapsed` had passed since the reboot was sent.
    package mutating func probed(_ probe: Probe, at elapsed: Duration) -> Decision {
        switch probe {
        case .answered(let boot) where boot != before:
            return .booted(boot)
        case .answered:
            last = "it still runs the old boot"
            answersWithOldBoot += 1
            refusedSince = nil
        case .silent(let message):
            last = message
            hasBeenSilent = true
            refusedSince = nil
        case .otherHostKey(let message):
            return .end(
                AttemptEnd(
                    .hostKeyChanged, message,
                    verdict: BootVerdict(
                        erasure: .unknown, retention: .leaked,
                        reasons: ["the host key changed in the reboot: \(message)"])))
        case .otherMachine(let message):
            return .end(
                AttemptEnd(
                    .differentMachine, message,
                    verdict: BootVerdict(
                        erasure: .unknown, retention: .unknown,
                        reasons: ["another machine answers since the reboot: \(message)"])))
        case .refusedLogin(let message):
            last = message
            let since = refusedSince ?? elapsed
            refusedSince = since
            if elapsed - since >= loginGrace {
                return .end(
                    AttemptEnd(
                        .authorizedKeysLost, message,
                        verdict: BootVerdict(
                            erasure: .unknown, retention: .leaked,
                            reasons: ["logins are refused since the reboot: \(message)"])))
            }
        }
        guard elapsed < timeout else { return .end(deadlinePassed) }
        pause = min(pause * 2, .seconds(5))
        return .wait(pause)
    }

    private var deadlinePassed: AttemptEnd {
        let unknown = BootVerdict(
            erasure: .unknown, retention: .unknown, reasons: ["no answer after the reboot: \(last)"]
        )
        // A host that answered to the end, always with the old boot, has not rebooted; one that
        // fell silent may have done anything.
        if answersWithOldBoot > 0, !hasBeenSilent || last == "it still runs the old boot" {
            return AttemptEnd(
                .didNotReboot, "it still runs the old boot after \(timeout.components.seconds) s",
                verdict: BootVerdict(
                    erasure: .notErased, retention: .unknown,
                    reasons: ["the boot id is still \(before)"]))
        }
        return AttemptEnd(
            .neverBack, "no answer within \(timeout.components.seconds) s; last: \(last)",
            verdict: unknown)
    }
}
