import EbbModel
import EbbStore

/// What is known of a host before its reboot, as far as the proof needs it.
struct AttemptStart: Sendable {
    /// The boot that is to be ended.
    let boot: BootID
    let facts: HostFacts
    let canaries: [Canary]

    /// What marks an attempt on its host: its number here, and what no other database has.
    static func mark(_ attempt: AttemptID, _ canaries: [Canary]) -> String {
        let token = canaries.first?.token ?? ""
        return "\(attempt.value)-\((CanaryToken(token)?.random ?? token).prefix(12))"
    }
}
