import EbbCompliance
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// How values look on every page.
enum Words {
    /// A verdict or state as a badge: shape, color and word, so that no one of them is needed.
    static func badge(_ text: String, _ tone: Tone) -> Markup {
        "<span class=\"badge \(tone.rawValue)\"><span aria-hidden=\"true\">\(tone.mark)</span>" + " \(text)</span>"
    }

    static func badge(_ verdict: ComplianceVerdict) -> Markup { badge(verdict.rawValue, Tone(verdict)) }

    static func badge(_ verdict: PathVerdict) -> Markup {
        badge(verdict.rawValue, verdict.isAtRisk ? (verdict == .leaked ? .bad : .warn) : .calm)
    }

    static func badge(_ state: AttemptState) -> Markup {
        let tone: Tone =
            switch state {
            case .proven: .good
            case .failed: .bad
            case .inconclusive: .warn
            case .planned, .skipped: .calm
            case .preflight, .canaries, .intent, .sent, .booted: .live
            }
        return badge(state.rawValue, tone)
    }

    /// An instant as its age, with the exact time for whoever points at it.
    static func ago(_ instant: Date?, _ now: Date) -> Markup {
        guard let instant else { return "<span class=\"none\">never</span>" }
        let seconds = now.timeIntervalSince(instant)
        let text = seconds < 0 ? "in the future" : "\(span(seconds)) ago"
        return time(instant, text)
    }

    /// An instant that may lie ahead.
    static func when(_ instant: Date, _ now: Date) -> Markup {
        let seconds = instant.timeIntervalSince(now)
        return time(instant, seconds > 0 ? "in \(span(seconds))" : "\(span(-seconds)) ago")
    }

    private static func time(_ instant: Date, _ text: String) -> Markup {
        let exact = JSONText.instant(instant)
        return "<time datetime=\"\(exact)\" title=\"\(exact)\">\(text)</time>"
    }

    /// The two largest units at most: `3 d 4 h`, `12 min`, `40 s`.
    static func span(_ seconds: Double) -> String {
        let total = Int(min(max(0, seconds), 1e11))
        let (days, hours, minutes) = (total / 86_400, total / 3_600 % 24, total / 60 % 60)
        if days >= 14 { return "\(days) d" }
        if days > 0 { return hours > 0 ? "\(days) d \(hours) h" : "\(days) d" }
        if hours > 0 { return minutes > 0 ? "\(hours) h \(minutes) min" : "\(hours) h" }
        return minutes > 0 ? "\(minutes) min" : "\(total) s"
    }

    /// A number with its noun: `1 host`, `2 hosts`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    static func link(to host: HostName) -> Markup { "<a href=\"/hosts/\(host.text)\">\(host.text)</a>" }

    static func link(to rollout: RolloutID) -> Markup {
        "<a href=\"/rollouts/\(rollout.value)\">rollout \(rollout.value)</a>"
    }

    /// The first few hosts as links, and how many more there are.
    static func links(to hosts: [HostName], most: Int) -> Markup {
        let shown = hosts.prefix(most).map { link(to: $0) }
        let more = hosts.count - shown.count
        let rest: Markup = more > 0 ? " and \(more) more" : ""
        return .joined(shown, separator: ", ") + rest
    }

    /// A path may be long: it breaks anywhere.
    static func path(_ path: BytePath) -> Markup { "<code class=\"path\">\(path.printable)</code>" }

    /// What to type, ready to be copied.
    static func command(_ text: String) -> Markup { "<code class=\"command\">\(text)</code>" }

    /// What stands where a list is empty: why, and what to do.
    static func nothing(_ why: String, _ advice: Markup = .empty) -> Markup {
        "<p class=\"nothing\">\(why) \(advice)</p>"
    }
}

/// What a badge means; the names are those of the style sheet.
enum Tone: String, CaseIterable {
    case good, bad, warn, calm, live

    /// A shape for those who cannot tell colors apart.
    var mark: String {
        switch self {
        case .good: "●"
        case .bad: "▲"
        case .warn: "◆"
        case .calm: "○"
        case .live: "◐"
        }
    }

    init(_ verdict: ComplianceVerdict) {
        switch verdict {
        case .compliant: self = .good
        case .nonCompliant, .error: self = .bad
        case .stale, .unreachable, .unknown: self = .warn
        case .waived, .notApplicable: self = .calm
        }
    }
}
