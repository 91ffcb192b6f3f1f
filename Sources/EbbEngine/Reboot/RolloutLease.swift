import EbbModel
import EbbPlan
package import EbbStore

/// What a rollout calls itself on its hosts: for a person who finds it there, and the same for every
/// process that takes the rollout over.
package enum RolloutLease {
    private static let separator = ", by "
    private static let of = ", for "

    /// The whole text.
    package static func text(_ rollout: StoredRollout) -> String {
        "rollout \(rollout.id.value) of \(UTCText.rfc3339(rollout.startedAt))" + separator + rollout.lease
    }

    /// The text on one of its hosts: a second name of the same machine must not take it for its own.
    static func text(_ rollout: String, for host: HostName) -> String {
        guard let place = rollout.firstRange(of: separator) else { return rollout }
        return rollout[..<place.lowerBound] + of + host.text + rollout[place.lowerBound...]
    }

    /// The name of the host that the text was written for; `nil` where it says none.
    static func host(in text: String) -> String? {
        guard let end = text.firstRange(of: separator), let begin = text[..<end.lowerBound].firstRange(of: of) else {
            return nil
        }
        return String(text[begin.upperBound..<end.lowerBound])
    }

    /// What whoever leaves standing canaries calls itself, for as long as that takes.
    static func ofCanaries(_ controller: String) -> String { "standing canaries" + separator + controller }

    /// The name that only one rollout of one database has; `nil` where the text is no lease of Ebb's.
    static func name(in text: String) -> String? {
        text.firstRange(of: separator).map { String(text[$0.upperBound...]) }
    }
}
