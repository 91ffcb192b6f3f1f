import EbbCompliance
import EbbModel
import EbbPlan
import EbbReport
import EbbStore

/// Something that a person should see now, and what to do about it.
struct Attention: Sendable {
    let tone: Tone
    /// The state in one or two words.
    let word: String
    let sentence: Markup
    let how: Markup?

    /// Everything that needs attention, the most pressing first.
    static func items(of snapshot: FleetSnapshot) -> [Attention] {
        undecided(snapshot) + controls(snapshot.tally.disproved, .bad, "non-compliant", "fails on") + missed(snapshot)
            + running(snapshot) + controls(snapshot.tally.unanswered, .warn, "not known", "is not known for")
            + stopped(snapshot)
    }

    private static func undecided(_ snapshot: FleetSnapshot) -> [Attention] {
        snapshot.undecided.filter { $0.state == .inconclusive }.map { attempt in
            Attention(
                tone: .bad, word: "undecided",
                sentence: """
                    \(Words.link(to: attempt.host)) keeps its slot in \(Words.link(to: attempt.rollout)): \
                    \(attempt.reason ?? "its boot proves nothing either way").
                    """,
                how: """
                    Check the host, then \(Words.command("ebb reboot resume")) or, with a reason, \
                    \(Words.command("ebb reboot override \(attempt.rollout.value) \(attempt.host)")).
                    """)
        }
    }

    /// One for each control that says the same of some hosts, in the order of the controls.
    private static func controls(_ groups: [Control: FleetTally.Group], _ tone: Tone, _ word: String, _ verb: String)
        -> [Attention]
    {
        Control.allCases.compactMap { control in
            groups[control].map { group in
                Attention(
                    tone: tone, word: word,
                    sentence: "<strong>\(control.title)</strong> \(verb) \(Words.links(to: group.hosts, most: 4)).",
                    how: "\(group.example) \(advice(control, group.hosts))")
            }
        }
    }

    private static func running(_ snapshot: FleetSnapshot) -> [Attention] {
        snapshot.rollouts.filter { $0.state == .running }.map { rollout in
            Attention(
                tone: .live, word: "running",
                sentence: """
                    \(Words.link(to: rollout.id)) reboots \(Words.count(rollout.hosts.count, "host")), \
                    started \(Words.ago(rollout.startedAt, snapshot.readAt)).
                    """, how: nil)
        }
    }

    private static func missed(_ snapshot: FleetSnapshot) -> [Attention] {
        guard let last = snapshot.missed.last else { return [] }
        let count = snapshot.missed.count
        let more = count > 1 ? " and \(count - 1) more within a week" : ""
        return [
            Attention(
                tone: .warn, word: "missed",
                sentence: """
                    Nothing was started in the window of \(UTCText.minute(last.opensAt))\(more).
                    """,
                how: """
                    \(last.schedule). Was the scheduler running? See \
                    \(Words.command("ebb schedule list")).
                    """)
        ]
    }

    private static func stopped(_ snapshot: FleetSnapshot) -> [Attention] {
        snapshot.flags.map { stored in
            let scope =
                switch stored.flag.scope {
                case .fleet: "all hosts"
                case .group(let group): "the group \(group)"
                case .host(let host): host.text
                }
            let until = stored.flag.expiresAt.map { " until \(UTCText.minute($0))" } ?? ""
            return Attention(
                tone: .calm, word: "stopped", sentence: "\(stored.flag.author) stopped reboots of \(scope)\(until).",
                how: """
                    Reason: \(stored.flag.reason). Lift it with \
                    \(Words.command("ebb reboot unstop \(stored.id.value)")).
                    """)
        }
    }

    private static func advice(_ control: Control, _ hosts: [HostName]) -> Markup {
        let pattern = hosts.prefix(4).map(\.text).joined(separator: ",")
        let command =
            switch control {
            case .reachable: "ebb doctor \(pattern)"
            case .observationFresh, .unexplainedState, .leakedState: "ebb drift \(pattern)"
            case .eraseMechanism, .eraseFailClosed, .blankUnchanged: "ebb doctor \(pattern)"
            case .lastBoot: "ebb history \(hosts[0])"
            case .provenBoot: "ebb reboot plan \(pattern)"
            case .persistenceVerified: "ebb persistence verify \(pattern)"
            case .safeSnapshots: "ebb datasets plan \(pattern)"
            case .stopFlags: "ebb reboot stop"
            }
        return Words.command(command)
    }
}
