import EbbReport
import FoundationEssentials

/// What every page shares: the head, the way around, the foot.
struct Layout {
    /// The parts of the site, in the order of the navigation.
    enum Section: String, CaseIterable {
        case fleet = "/"
        case drift = "/drift"
        case rollouts = "/rollouts"
        case compliance = "/compliance"

        var title: String {
            switch self {
            case .fleet: "Fleet"
            case .drift: "Drift"
            case .rollouts: "Rollouts"
            case .compliance: "Compliance"
            }
        }
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
            return "<li><a href=\"\(section.rawValue)\"\(current)>\(section.title)</a></li>"
        }
        let reload = events.map { _ -> Markup in
            """
            <noscript><meta http-equiv="refresh" content="5"></noscript>
            <script src="\(Assets.scriptPath)" defer></script>

            """
        }
        let source = events.map { address -> Markup in " data-events=\"\(address)\"" }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
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
