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
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
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
                .init("Proven", .number) { ago($0.facts.provenBoot?.judgedAt) },
                .init("Observed", .number) { ago($0.facts.observation?.at) },
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

    /// A path that would be lost, or a declared one that is not in effect.
    private struct Loss {
        let host: String
        var verdict = ""
        let path: Markup
        var firstSeen: Markup = .empty
        var sentence = ""
    }

    private func writeDetails(to output: inout some TextOutputStream) {
        let losses = hosts.lazy.map(losses).filter { !$0.isEmpty }
        guard !losses.isEmpty else { return }
        let table = MarkupTable<Loss>(
            "stack",
            [
                .init("Host", .head) { "\($0.host)" },
                .init("Verdict", .plain, style: { _ in "word" }) { "\($0.verdict)" },
                .init("Path", .plain, style: { _ in "path" }) { $0.path },
                .init("First seen", .plain, style: { _ in "num" }) { $0.firstSeen },
                .init("What to know", .plain) { "\($0.sentence)" },
            ])
        output.write("<section aria-labelledby=\"paths\"><h2 id=\"paths\">What would be lost</h2>")
        output.write(table.opening.text)
        for group in losses { output.write(table.group(group).text) }
        output.write("\(table.closing.text)</section>\n")
    }

    private func losses(_ host: HostCompliance) -> [Loss] {
        let name = host.host.text
        let declared = host.declaredTroubles.map { finding in
            Loss(
                host: name, verdict: finding.verdict.rawValue,
                path: "<code>\(PrintableText.path(finding.entry.path.utf8))</code>", firstSeen: "now",
                sentence: finding.reason)
        }
        let paths = host.facts.paths.map { path in
            Loss(
                host: name, verdict: path.verdict.rawValue, path: "<code>\(path.path.printable)</code>",
                firstSeen: ago(path.firstSeen), sentence: path.suggestion ?? path.reason)
        }
        let omitted = host.pathsOmitted
        let more = omitted > 0 ? [Loss(host: name, path: "<small>and \(omitted) more paths</small>")] : []
        return declared + paths + more
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

    private func ago(_ date: Date?) -> Markup {
        guard let date else { return "never" }
        return "\(TextDuration.text(.seconds(max(0, asOf.timeIntervalSince(date)))))"
    }
}
