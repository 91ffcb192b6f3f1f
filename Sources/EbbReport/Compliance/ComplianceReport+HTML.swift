import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// One file for people: no script, nothing fetched, prints well, light and dark.
    func writeHTML(to output: inout some TextOutputStream) {
        output.write(opening)
        output.write(overview + "\n")
        output.write(attention + "\n")
        writeEveryHost(to: &output)
        writeDetails(to: &output)
        output.write("</main>\n\(footer)\n</body>\n</html>\n")
    }

    private var opening: String {
        let title = "Compliance of \(hosts.count == 1 ? "1 host" : "\(hosts.count) hosts")"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            style-src 'unsafe-inline'; img-src data:">
            <meta name="referrer" content="no-referrer">
            <title>\(title) · ebb</title>
            <style>\(ComplianceStyle.sheet)</style>
            </head>
            <body>
            <header>
            <p class="brand">ebb <span>compliance</span></p>
            <h1>\(headline)</h1>
            <p class="when">As of <time>\(JSONText.instant(asOf))</time> · generated \
            <time>\(JSONText.instant(generatedAt))</time> by ebb \
            \(XMLText.of(provenance.toolVersion, limit: 60))\(period)</p>
            </header>
            <main>

            """
    }

    private var period: String {
        periodStart.map { " · period from <time>\(JSONText.instant($0))</time>" } ?? ""
    }

    private var headline: String {
        if hosts.isEmpty { return "No host was selected" }
        let good = count(of: .compliant)
        return "\(good) of \(hosts.count) hosts \(good == 1 ? "is" : "are") compliant"
    }

    private var overview: String {
        let charts = ComplianceCharts(report: self)
        let cards = ComplianceVerdict.allCases.map { verdict in
            let count = count(of: verdict)
            return "<li class=\"\(verdict.rawValue)\(count == 0 ? " none" : "")\">"
                + "<b>\(count)</b><span>\(verdict.rawValue)</span></li>"
        }
        guard !hosts.isEmpty else { return Self.overview(cards.joined()) }
        var figures = "<figure>\(charts.verdicts)<figcaption>Hosts by verdict</figcaption></figure>"
        if hosts.contains(where: { $0.facts.provenBoot != nil }) {
            figures +=
                "<figure>\(charts.proofAges)<figcaption>Age of the last proven boot, "
                + "oldest first</figcaption></figure>"
        }
        if trend.count > 1 {
            figures +=
                "<figure>\(charts.drift)<figcaption>Paths at risk over time</figcaption></figure>"
        }
        return Self.overview(cards.joined(), "\n<div class=\"charts\">\(figures)</div>")
    }

    private static func overview(_ cards: String, _ charts: String = "") -> String {
        """
        <section aria-labelledby="overview"><h2 id="overview">Overview</h2>
        <ul class="counts">\(cards)</ul>\(charts)</section>
        """
    }

    private var attention: String {
        let troubled = hosts.filter { $0.verdict != .compliant && $0.verdict != .notApplicable }
        var body = "<p class=\"empty\">Nothing. Every host is compliant or exempt.</p>"
        if hosts.isEmpty {
            body =
                "<p class=\"empty\">The selection named no host, so this report shows nothing.</p>"
        } else if !troubled.isEmpty {
            let groups = troubled.map { host in
                group(
                    "<a href=\"#\(anchor(host))\">\(XMLText.of(host.host.text))</a>",
                    host.controls.filter {
                        $0.verdict != .compliant && $0.verdict != .notApplicable
                    }.map(attentionCells))
            }
            body =
                tableStart(["Host", "Verdict", "Control", "Finding"])
                + groups.joined(separator: "\n") + Self.tableEnd
        }
        return "<section aria-labelledby=\"attention\"><h2 id=\"attention\">Needs somebody</h2>"
            + "\n\(body)</section>"
    }

    private func attentionCells(_ result: ControlResult) -> [String] {
        [
            cell(badge(result.verdict)), cell(result.control.title),
            cell(XMLText.of(result.sentence, limit: 400) + waiver(result)),
        ]
    }

    private func waiver(_ result: ControlResult) -> String {
        guard let waiver = result.waiver else { return "" }
        return "<br><small>Waived until \(XMLText.of(waiver.until)) by \(XMLText.of(waiver.by)): "
            + "\(XMLText.of(waiver.reason, limit: 400))</small>"
    }

    private func writeEveryHost(to output: inout some TextOutputStream) {
        guard !hosts.isEmpty else { return }
        let head = [
            "Host", "Verdict", "Strategy", "Proven", "Looked", "Unexplained", "Leaked", "Controls",
        ]
        output.write("<section aria-labelledby=\"hosts\"><h2 id=\"hosts\">Hosts</h2>")
        output.write(tableStart(head, numeric: [3, 4, 5, 6]) + "<tbody>")
        for host in hosts { output.write(hostRow(host) + "\n") }
        output.write("</tbody>" + Self.tableEnd)
        output.write(
            "<p class=\"empty\">A dot is a control, in the order of the list at the end: filled where "
                + "it holds, a square on its tip where it is disproved, a ring where it does not "
                + "apply.</p></section>\n")
    }

    private func hostRow(_ host: HostCompliance) -> String {
        let facts = host.facts
        func number(_ verdict: PathVerdict) -> String {
            facts.judgement == nil ? "?" : String(facts.count(of: verdict))
        }
        return row(
            XMLText.of(host.host.text), id: anchor(host),
            [
                cell(badge(host.verdict)), cell(facts.look?.strategy?.rawValue ?? "?"),
                cell(ago(facts.provenBoot?.judgedAt), "n"), cell(ago(facts.look?.at), "n"),
                cell(number(.unexplained), "n"), cell(number(.leaked), "n"),
                cell(dots(host), "dots"),
            ])
    }

    private func writeDetails(to output: inout some TextOutputStream) {
        let named = hosts.lazy.filter { hasDetails($0) }
        guard !named.isEmpty else { return }
        output.write("<section aria-labelledby=\"paths\"><h2 id=\"paths\">What would be lost</h2>")
        output.write(tableStart(["Host", "Verdict", "Path", "First seen", "What to know"]))
        for host in named {
            output.write(group(XMLText.of(host.host.text), details(host)) + "\n")
        }
        output.write(Self.tableEnd + "</section>\n")
    }

    private func hasDetails(_ host: HostCompliance) -> Bool {
        !host.declaredTroubles.isEmpty || !host.facts.paths.isEmpty || omitted(host) > 0
    }

    /// How many paths at risk the facts do not name.
    private func omitted(_ host: HostCompliance) -> Int {
        host.facts.count(of: .leaked) + host.facts.count(of: .unexplained)
            - host.facts.paths.count
    }

    private func details(_ host: HostCompliance) -> [[String]] {
        let declared = host.declaredTroubles.map { finding in
            pathCells(
                finding.verdict.rawValue, PrintableText.path(finding.entry.path.utf8), nil,
                finding.reason)
        }
        let paths = host.facts.paths.map { path in
            pathCells(
                path.verdict.rawValue, path.path.printable, path.firstSeen,
                path.suggestion ?? path.reason)
        }
        let omitted = omitted(host)
        guard omitted > 0 else { return declared + paths }
        let more = cell("<small>and \(omitted) more paths</small>")
        return declared + paths + [[cell(""), more, cell(""), cell("")]]
    }

    private func pathCells(
        _ verdict: String, _ path: String, _ firstSeen: Date?, _ sentence: String
    ) -> [String] {
        [
            cell(XMLText.of(verdict), "word"),
            cell("<code>\(XMLText.of(path, limit: 400))</code>", "path"),
            cell(ago(firstSeen, never: "now"), "n"), cell(XMLText.of(sentence, limit: 400)),
        ]
    }

    /// A table row; what it is given is HTML already.
    private func row(_ head: String, id: String, _ cells: [String]) -> String {
        "<tr id=\"\(id)\"><th scope=\"row\">\(head)</th>\(cells.joined())</tr>"
    }

    /// Rows of one host, which is named once.
    private func group(_ head: String, _ rows: [[String]]) -> String {
        let span = rows.count > 1 ? " rowspan=\"\(rows.count)\"" : ""
        let first = "<th scope=\"rowgroup\"\(span)>\(head)</th>"
        let text = rows.enumerated().map { index, cells in
            "<tr>\(index == 0 ? first : "")\(cells.joined())</tr>"
        }
        return "<tbody>\(text.joined(separator: "\n"))</tbody>"
    }

    private func cell(_ html: String, _ style: String? = nil) -> String {
        style.map { "<td class=\"\($0)\">\(html)</td>" } ?? "<td>\(html)</td>"
    }

    private var footer: String {
        func hash(_ digest: String?) -> String {
            digest.map { "<code>\(XMLText.of($0, limit: 128))</code>" } ?? "not recorded"
        }
        let controls = Control.allCases.map {
            "<dt>\($0.title)</dt><dd>\($0.requirement)</dd>"
        }
        return """
            <footer><h2>How to check this report</h2>
            <dl><dt>Evidence chain</dt><dd>\(provenance.chainLength) rows, head \
            \(hash(provenance.chainHead))</dd>
            <dt>Inventory</dt><dd>\(hash(provenance.inventoryHash))</dd>
            <dt>Policy</dt><dd>\(hash(provenance.policyHash))</dd></dl>
            <p><code>ebb database verify</code> computes the chain anew and names the first row \
            that was changed. An answer that could not be had is shown as stale, unreachable or \
            unknown, and never counted as compliant.</p>
            <h2>Controls</h2><dl>\(controls.joined(separator: "\n"))</dl></footer>
            """
    }

    /// The head of a table; one without numbers is stacked on a phone, one with numbers scrolls.
    private func tableStart(_ head: [String], numeric: Set<Int> = []) -> String {
        let cells = head.enumerated().map { index, title in
            "<th scope=\"col\"\(numeric.contains(index) ? " class=\"n\"" : "")>\(title)</th>"
        }
        let style = numeric.isEmpty ? " class=\"stack\"" : ""
        return "<div class=\"scroll\" tabindex=\"0\"><table\(style)>"
            + "<thead><tr>\(cells.joined())</tr></thead>\n"
    }

    private static let tableEnd = "</table></div>"

    private func badge(_ verdict: ComplianceVerdict) -> String {
        "<span class=\"badge \(verdict.rawValue)\">\(verdict.rawValue)</span>"
    }

    private func dots(_ host: HostCompliance) -> String {
        host.controls.map { result in
            let label = "\(result.control.title): \(result.verdict.rawValue)"
            return "<i class=\"\(result.verdict.rawValue)\" role=\"img\" title=\"\(label)\""
                + " aria-label=\"\(label)\"></i>"
        }.joined()
    }

    private func anchor(_ host: HostCompliance) -> String {
        "h-" + NameUUID.of("host", host.host.text)
    }

    private func ago(_ date: Date?, never: String = "never") -> String {
        guard let date else { return never }
        return TextDuration.text(.seconds(max(0, asOf.timeIntervalSince(date))))
    }
}
