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
        /// The host answered out of the old boot, and its service manager was started again.
        case restarted(BootID)
        /// No answer, as is to be expected of a host that is going down or coming up.
        case silent(String)
        /// The host accepts connections, and its SSH server does not speak.
        case mute(String)
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
    private var last = Last(words: "it was never asked", kind: .silent)
    private var hasBeenSilent = false

    /// What the newest probe met.
    private struct Last {
        enum Kind { case oldBoot, silent, mute, refused }

        let words: String
        let kind: Kind
    }

    package init(before: BootID, timeout: Duration, loginGrace: Duration = .seconds(30)) {
        (self.before, self.timeout, self.loginGrace) = (before, timeout, loginGrace)
    }

    /// The last thing that was learned, for a person who watches.
    package var lastReason: String { last.words }

    /// Takes note of a probe that ended when `elapsed` had passed since the reboot was sent.
    package mutating func probed(_ probe: Probe, at elapsed: Duration) -> Decision {
        switch probe {
        case .answered(let boot) where boot != before, .restarted(let boot) where boot != before: return .booted(boot)
        case .answered:
            last = Last(words: "it still runs the old boot", kind: .oldBoot)
            refusedSince = nil
        case .restarted: return .end(softRebooted)
        case .silent(let message):
            last = Last(words: message, kind: .silent)
            hasBeenSilent = true
            refusedSince = nil
        case .mute(let message):
            last = Last(words: message, kind: .mute)
            refusedSince = nil
        case .otherHostKey(let message):
            return .end(
                Self.end(.hostKeyChanged, message, retention: .leaked, "the host key changed in the reboot: \(message)")
            )
        case .otherMachine(let message):
            return .end(Self.end(.differentMachine, message, "another machine answers since the reboot: \(message)"))
        case .refusedLogin(let message):
            last = Last(words: message, kind: .refused)
            let since = refusedSince ?? elapsed
            refusedSince = since
            // A host that is going down lets nobody in either: only what comes after a silence is
            // the new boot's doing.
            if hasBeenSilent, elapsed - since >= loginGrace { return .end(keysLost(message)) }
        }
        guard elapsed < timeout else { return .end(deadlinePassed) }
        // Often at first, when most hosts come back, then less and less often.
        return .wait(min(max(.milliseconds(400), elapsed / 8), .seconds(5)))
    }

    private static func end(
        _ reason: AttemptReason, _ message: String, erasure: BootVerdict.Erasure = .unknown,
        retention: BootVerdict.Retention = .unknown, _ evidence: String
    ) -> AttemptEnd {
        AttemptEnd(reason, message, verdict: BootVerdict(erasure: erasure, retention: retention, reasons: [evidence]))
    }

    private func keysLost(_ message: String) -> AttemptEnd {
        Self.end(.authorizedKeysLost, message, retention: .leaked, "logins are refused since the reboot: \(message)")
    }

    private var softRebooted: AttemptEnd {
        Self.end(
            .softRebooted, "its services were started again, its kernel was not", erasure: .notErased,
            "the boot id is still \(before), and the service manager is a new one")
    }

    private var deadlinePassed: AttemptEnd {
        let limit = "\(timeout.components.seconds) s"
        let silence = "no answer after the reboot: \(last.words)"
        return switch last.kind {
        case .refused: keysLost(last.words)
        case .mute:
            Self.end(
                .sshFrozen, "it accepts connections, and no SSH server speaks within \(limit); last: \(last.words)",
                silence)
        case .oldBoot:
            Self.end(
                .didNotReboot, "it still runs the old boot after \(limit)", erasure: .notErased,
                "the boot id is still \(before)")
        case .silent: Self.end(.neverBack, "no answer within \(limit); last: \(last.words)", silence)
        }
    }
}
