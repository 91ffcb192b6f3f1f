import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// One file for people: no script, nothing fetched, prints well, light and dark.
    func writeHTML(to output: inout some TextOutputStream) {
        output.write(opening.text)
        output.write(overview.text)
        output.write(attention.text)
        writeEveryHost(to: &output)
        writeDetails(to: &output)
        output.write("</main>\n\(footer.text)\n</body>\n</html>\n")
    }

    private var opening: Markup {
        let period = periodStart.map { start -> Markup in " · period from <time>\(JSONText.instant(start))</time>" }
        return """
            \(Markup.pageBegin)<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            style-src 'unsafe-inline'; img-src data:">
            <meta name="referrer" content="no-referrer">
            <title>Compliance of \(hosts.count) \(hosts.count == 1 ? "host" : "hosts") · ebb</title>
            <style>\(Markup.resource(PackageResources.report_css))</style>
            </head>
            <body>
            <header>
            <p class="brand">ebb <span>compliance</span></p>
            <h1>\(headline)</h1>
            <p class="when">As of <time>\(JSONText.instant(asOf))</time> · generated \
            <time>\(JSONText.instant(generatedAt))</time> by ebb \
            \(provenance.toolVersion, limit: 60)\(period)</p>
            </header>
            <main>

            """
    }

    private var headline: String {
        if hosts.isEmpty { return "No host was selected" }
        let good = count(of: .compliant)
        return "\(good) of \(hosts.count) hosts \(good == 1 ? "is" : "are") compliant"
    }

    private var overview: Markup {
        let cards = ComplianceVerdict.allCases.map { verdict -> Markup in
            let count = count(of: verdict)
            return """
                <li class="\(verdict.rawValue)\(count == 0 ? " none" : "")">\
                <b>\(count)</b><span>\(verdict.rawValue)</span></li>
                """
        }
        let figures = ComplianceCharts(report: self).figures
        let charts: Markup = figures.isEmpty ? .empty : "\n<div class=\"charts\">\(figures)</div>"
        return """
            <section aria-labelledby="overview"><h2 id="overview">Overview</h2>
            <ul class="counts">\(cards)</ul>\(charts)</section>

            """
    }

    private var attention: Markup {
        let troubled = hosts.filter { !$0.unmet.isEmpty }
        let table = MarkupTable<(host: HostCompliance, result: ControlResult)>(
            "stack",
            [
                .init("Host", .head) { "<a href=\"#\(anchor($0.host))\">\($0.host.host.text)</a>" },
                .init("Verdict", .plain) { badge($0.result.verdict) },
                .init("Control", .plain) { "\($0.result.control.title)" },
                .init("Finding", .plain) { "\($0.result.sentence)\(waiver($0.result))" },
            ])
        let body: Markup =
            if hosts.isEmpty {
                "<p class=\"empty\">The selection named no host, so this report shows nothing.</p>"
            } else if troubled.isEmpty { "<p class=\"empty\">Nothing. Every host is compliant or exempt.</p>" } else {
                """
                \(table.opening)
                \(troubled.map { host in table.group(host.unmet.map { (host, $0) }) })\(table.closing)
                """
            }
        return """
            <section aria-labelledby="attention"><h2 id="attention">Needs attention</h2>
            \(body)</section>

            """
    }

    private func waiver(_ result: ControlResult) -> Markup? {
        result.waiver.map { waiver in
            """
            <br><small>Waived until \(waiver.until) by \(waiver.by): \(waiver.reason)</small>
            """
        }
    }

    private func writeEveryHost(to output: inout some TextOutputStream) {
        guard !hosts.isEmpty else { return }
        func number(_ host: HostCompliance, _ verdict: PathVerdict) -> Markup {
            host.facts.judgement == nil ? "?" : "\(host.facts.count(of: verdict))"
        }
        let table = MarkupTable<HostCompliance>(
            "hosts",
            [
                .init("Host", .head) { "\($0.host.text)" }, .init("Verdict") { badge($0.verdict) },
                .init("Strategy") { "\($0.facts.observation?.strategy?.rawValue ?? "?")" },
                .init("Proven", .number) { "\(ago($0.facts.provenBoot?.judgedAt))" },
                .init("Observed", .number) { "\(ago($0.facts.observation?.at))" },
                .init("Unexplained", .number) { number($0, .unexplained) },
                .init("Leaked", .number) { number($0, .leaked) },
                .init("Controls", style: { _ in "dots" }) { dots($0) },
            ])
        output.write("<section aria-labelledby=\"hosts\"><h2 id=\"hosts\">Hosts</h2>")
        output.write("\(table.opening.text)<tbody>")
        for host in hosts { output.write(table.row(host, id: anchor(host)).text) }
        output.write(
            """
            </tbody>\(table.closing.text)<p class="empty">A dot is a control, in the order of the \
            list at the end: filled where it holds, a square on its tip where it is disproved, a \
            ring where it does not apply.</p></section>

            """)
    }

    private func writeDetails(to output: inout some TextOutputStream) {
        let rows = hosts.lazy.map { losses($0) }.filter { !$0.isEmpty }
        guard !rows.isEmpty else { return }
        let table = MarkupTable<Finding>(
            "stack",
            [
                .init("Host", .head) { "\($0.host.text)" },
                .init("Verdict", .plain, style: { _ in "word" }) { "\($0.verdict)" },
                .init("Path", .plain, style: { _ in "path" }) { finding in
                    guard let path = finding.path else { return "<small>\(finding.kind)</small>" }
                    return "<code>\(finding.kind == "declared" ? PrintableText.path(path.utf8) : path)</code>"
                },
                .init("First seen", .plain, style: { _ in "num" }) { finding in
                    finding.kind == "declared" ? "now" : finding.firstSeen.map { "\(ago($0))" } ?? .empty
                }, .init("What to know", .plain) { "\($0.suggestion ?? $0.sentence)" },
            ])
        output.write("<section aria-labelledby=\"paths\"><h2 id=\"paths\">What would be lost</h2>")
        output.write(table.opening.text)
        for group in rows { output.write(table.group(group).text) }
        output.write("\(table.closing.text)</section>\n")
    }

    /// Paths that would be lost, declared ones that are not in effect, and how many are not named.
    private func losses(_ host: HostCompliance) -> [Finding] {
        let omitted = host.pathsOmitted
        let more = Finding(
            host: host.host, kind: "and \(omitted) more paths", control: .unexplainedState, verdict: "", sentence: "")
        return findings(of: host).filter { $0.kind != "control" } + (omitted > 0 ? [more] : [])
    }

    private var footer: Markup {
        func hash(_ digest: String?) -> Markup { digest.map { "<code>\($0, limit: 128)</code>" } ?? "not recorded" }
        let controls = Control.allCases.map { control -> Markup in
            "<dt>\(control.title)</dt><dd>\(control.requirement)</dd>\n"
        }
        return """
            <footer><h2>How to check this report</h2>
            <dl><dt>Evidence chain</dt><dd>\(provenance.chainLength) rows, head \
            \(hash(provenance.chainHead))</dd>
            <dt>Inventory</dt><dd>\(hash(provenance.inventoryHash))</dd>
            <dt>Policy</dt><dd>\(hash(provenance.policyHash))</dd></dl>
            <p><code>ebb database verify</code> recomputes the chain and names the first row that \
            was changed. A question without an answer is shown as stale, unreachable or unknown, and \
            never counted as compliant.</p>
            <h2>Controls</h2><dl>\(controls)</dl></footer>
            """
    }

    private func badge(_ verdict: ComplianceVerdict) -> Markup {
        "<span class=\"badge \(verdict.rawValue)\">\(verdict.rawValue)</span>"
    }

    private func dots(_ host: HostCompliance) -> Markup {
        .joined(
            host.controls.map { result -> Markup in
                let label: Markup = "\(result.control.title): \(result.verdict.rawValue)"
                return """
                    <i class="\(result.verdict.rawValue)" role="img" title="\(label)" \
                    aria-label="\(label)"></i>
                    """
            })
    }

    private func anchor(_ host: HostCompliance) -> String { "h-" + NameUUID.of("host", host.host.text) }
}

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
        func line(_ name: String, _ value: (DriftDay) -> Int) -> Markup {
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
