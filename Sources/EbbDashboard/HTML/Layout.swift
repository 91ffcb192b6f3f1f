import Crypto
import EbbCompliance
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// What every page shares: the head, the way around, the foot.
struct Layout {
    /// The parts of the site, in the order of the navigation.
    enum Section: String, CaseIterable {
        case fleet = "Fleet"
        case drift = "Drift"
        case rollouts = "Rollouts"
        case compliance = "Compliance"

        var address: String { self == .fleet ? "/" : "/" + rawValue.lowercased() }
    }

    let title: String
    var section: Section?
    /// When the data was read.
    let asOf: Date
    /// Where the page's events come from; for what is under way.
    ///
    /// Without scripts the page loads itself again every five seconds.
    var events: String?

    func page(_ main: Markup) -> Markup {
        let items = Section.allCases.map { section -> Markup in
            let current: Markup = section == self.section ? " aria-current=\"page\"" : ""
            return "<li><a href=\"\(section.address)\"\(current)>\(section.rawValue)</a></li>"
        }
        let reload = events.map { _ -> Markup in
            """
            <noscript><meta http-equiv="refresh" content="5"></noscript>
            <script src="\(Assets.scriptPath)" defer></script>

            """
        }
        let source = events.map { address -> Markup in " data-events=\"\(address)\"" }
        return """
            \(Markup.pageBegin)<meta name="color-scheme" content="light dark">
            <title>\(title) · Ebb</title>
            <link rel="stylesheet" href="\(Assets.stylesheetPath)">
            <link rel="icon" href="\(Assets.iconPath)" type="image/svg+xml">
            \(reload)</head>
            <body>
            <a class="skip" href="#main">Skip to content</a>
            <header class="site"><div class="wide">
            <a class="brand" href="/"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="\
            M2 9c3-4 6-4 9 0s6 4 11 0M2 15c3-4 6-4 9 0s6 4 11 0"/></svg>ebb</a>
            <nav aria-label="Pages"><ul>\(items)</ul></nav>
            </div></header>
            <main id="main" class="wide"\(source)>
            \(main)
            </main>
            <footer class="wide"><p>As of <time datetime="\(JSONText.instant(asOf))">\
            \(JSONText.instant(asOf))</time>. Nothing on these pages changes a host.
            <a href="/api/v1/openapi.json">API</a> · <a href="/metrics">Metrics</a></p></footer>
            </body>
            </html>

            """
    }
}

/// The files that pages load; all come from this process.
enum Assets {
    static let stylesheet = PackageResources.dashboard_css
    static let script = PackageResources.live_js
    static let stylesheetPath = path("dashboard", stylesheet, "css")
    static let iconPath = "/assets/icon.svg"
    /// How long a file that is named by its content may be kept.
    static let forGood = "private, max-age=31536000, immutable"
    static let scriptPath = path("live", script, "js")

    /// Named by its content, so that browsers keep it for good.
    private static func path(_ name: String, _ bytes: [UInt8], _ ending: String) -> String {
        let digest = SHA256.hash(data: bytes).prefix(6).reduce(0) { $0 << 8 | UInt64($1) }
        return "/assets/\(name)-\(String(digest, radix: 16)).\(ending)"
    }

    static let icon = Array(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">\
        <rect width="24" height="24" rx="6" fill="#0b6e76"/>\
        <path d="M3 10c3-4 6-4 9 0s6 4 9 0M3 15c3-4 6-4 9 0s6 4 9 0" fill="none" \
        stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>
        """.utf8)
}

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
