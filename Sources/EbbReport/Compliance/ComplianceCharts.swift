import EbbCompliance
import EbbModel
import FoundationEssentials

/// The charts of the HTML report: inline SVG, colored by the page's style sheet.
///
/// Widths are parts of whatever width there is, and texts keep their size: the same chart serves a
/// wide screen, a phone and paper.
struct ComplianceCharts {
    let report: ComplianceReport

    /// The charts that the report has data for, each with its caption.
    var figures: [Markup] {
        guard !report.hosts.isEmpty else { return [] }
        let isProven = report.hosts.contains { $0.facts.provenBoot != nil }
        let charts: [(Markup?, String)] = [
            (verdicts, "Hosts by verdict"), (isProven ? proofAges : nil, "Age of the last proven boot, oldest first"),
            (drift, "Paths at risk over time"),
        ]
        return charts.compactMap { chart, caption in
            chart.map { "<figure>\($0)<figcaption>\(caption)</figcaption></figure>" }
        }
    }

    /// One bar, divided by verdict.
    private var verdicts: Markup {
        let total = Double(report.hosts.count)
        var x = 0.0
        var parts: [Markup] = []
        var label: [String] = []
        for verdict in ComplianceVerdict.allCases {
            let count = report.count(of: verdict)
            guard count > 0 else { continue }
            let span = 100 * Double(count) / total
            parts.append(
                """
                <rect class="\(verdict.rawValue)" x="\(text(x))%" y="0" \
                width="\(text(max(0.2, span - 0.2)))%" height="36"/>
                """)
            if span > 5 * Double("\(count)".count) {
                parts.append(
                    """
                    <text class="in" x="\(text(x + span / 2))%" y="23" \
                    text-anchor="middle">\(count)</text>
                    """)
            }
            label.append("\(count) \(verdict.rawValue)")
            x += span
        }
        return svg(36, "Hosts by verdict: \(label.joined(separator: ", "))", parts)
    }

    /// One bar per host under its name, those with the oldest proof; the rest is counted.
    private var proofAges: Markup {
        let known = report.hosts.compactMap { host in host.provenAge(at: report.asOf).map { (host, $0) } }.sorted {
            ($0.1, $0.0.host) > ($1.1, $1.0.host)
        }
        let shown = Array(known.prefix(8))
        let most = Double(max(86_400, shown.first?.1 ?? 0))
        var parts = shown.enumerated().map { row, entry -> Markup in
            let (host, age) = entry
            let y = row * 36
            let span = max(0.5, 85 * Double(age) / most)
            let verdict = host.result(of: .provenBoot)?.verdict ?? .unknown
            return """
                <text x="0" y="\(y + 13)">\(host.host.text, limit: 40)</text>\
                <rect class="\(verdict.rawValue)" x="0" y="\(y + 19)" width="\(text(span))%" \
                height="10"/><text class="soft" x="\(text(span + 1))%" y="\(y + 28)">\
                \(TextDuration.text(.seconds(age)))</text>
                """
        }
        var height = shown.count * 36
        let (rest, never) = (known.count - shown.count, report.hosts.count - known.count)
        var remarks: [String] = []
        if rest > 0 { remarks.append("\(rest) more, none older") }
        if never > 0 { remarks.append("\(never) never proven") }
        if !remarks.isEmpty {
            parts.append(
                """
                <text class="soft" x="0" y="\(height + 15)">\
                \(remarks.joined(separator: " · "))</text>
                """)
            height += 24
        }
        return svg(height, "Age of the last proven boot by host", parts)
    }

    /// Two lines over time; nothing where there is no time between the points.
    private var drift: Markup? {
        let points = report.trend
        guard let first = points.first?.at, let last = points.last?.at, last > first else { return nil }
        let most = max(1, points.map { max($0.unexplained, $0.leaked) }.max() ?? 1)
        let span = last.timeIntervalSince(first)
        func line(_ name: String, _ value: (ComplianceReport.TrendPoint) -> Int) -> Markup {
            let path = points.map { point -> Markup in
                let x = 1_000 * point.at.timeIntervalSince(first) / span
                let y = 100 - 100 * Double(value(point)) / Double(most)
                return "\(text(x)),\(text(y))"
            }
            return "<polyline class=\"\(name)\" points=\"\(Markup.joined(path, separator: " "))\"/>"
        }
        return svg(
            228, "Unexplained and leaked paths over time",
            [
                """
                <line x1="0" y1="24" x2="100%" y2="24"/><line x1="0" y1="204" x2="100%" y2="204"/>\
                <text class="soft" x="0" y="16">\(most)</text>\
                <text class="soft" x="0" y="222">\(day(first))</text>\
                <text class="soft" x="100%" y="222" text-anchor="end">\(day(last))</text>\
                <text x="100%" y="16" text-anchor="end"><tspan class="key unexplained">\
                — unexplained</tspan> <tspan class="key leaked">╌ leaked</tspan></text>\
                <svg x="0" y="24" width="100%" height="180" viewBox="0 0 1000 100" \
                preserveAspectRatio="none">\(line("unexplained", \.unexplained))\
                \(line("leaked", \.leaked))</svg>
                """
            ])
    }

    private func svg(_ height: Int, _ label: String, _ parts: [Markup]) -> Markup {
        "<svg width=\"100%\" height=\"\(height)\" role=\"img\" aria-label=\"\(label)\">\(parts)</svg>"
    }

    private func day(_ date: Date) -> String { String(JSONText.instant(date).prefix(10)) }

    /// A coordinate with at most one digit after the point.
    private func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : String(tenths: value)
    }
}
