import EbbCompliance
import EbbModel
import FoundationEssentials

/// The charts of the HTML report: inline SVG, colored by the page's style sheet.
///
/// Widths are parts of whatever width there is, and texts keep their size: the same chart serves a
/// wide screen, a phone and paper.
struct ComplianceCharts {
    let report: ComplianceReport

    /// One bar, divided by verdict.
    var verdicts: String {
        let total = Double(max(1, report.hosts.count))
        var x = 0.0
        var parts = ""
        var label: [String] = []
        for verdict in ComplianceVerdict.allCases {
            let count = report.count(of: verdict)
            guard count > 0 else { continue }
            let span = 100 * Double(count) / total
            parts +=
                "<rect class=\"\(verdict.rawValue)\" x=\"\(text(x))%\" y=\"0\" "
                + "width=\"\(text(max(0.2, span - 0.2)))%\" height=\"36\"/>"
            if span > 5 * Double("\(count)".count) {
                parts +=
                    "<text class=\"in\" x=\"\(text(x + span / 2))%\" y=\"23\" "
                    + "text-anchor=\"middle\">\(count)</text>"
            }
            label.append("\(count) \(verdict.rawValue)")
            x += span
        }
        return svg(36, label: "Hosts by verdict: \(label.joined(separator: ", "))", parts)
    }

    /// One bar per host under its name, those with the oldest proof; the rest is counted.
    var proofAges: String {
        let known = report.hosts.compactMap { host in
            host.provenAge(at: report.asOf).map { (host, $0) }
        }.sorted { ($0.1, $0.0.host) > ($1.1, $1.0.host) }
        let shown = Array(known.prefix(8))
        let most = Double(max(86_400, shown.first?.1 ?? 0))
        var parts = ""
        for (row, (host, age)) in shown.enumerated() {
            let y = row * 36
            let span = max(0.5, 85 * Double(age) / most)
            let verdict = host.result(of: .provenBoot)?.verdict ?? .unknown
            parts +=
                "<text x=\"0\" y=\"\(y + 13)\">\(XMLText.of(host.host.text, limit: 40))</text>"
                + "<rect class=\"\(verdict.rawValue)\" x=\"0\" y=\"\(y + 19)\" "
                + "width=\"\(text(span))%\" height=\"10\"/>"
                + "<text class=\"soft\" x=\"\(text(span + 1))%\" y=\"\(y + 28)\">"
                + "\(TextDuration.text(.seconds(age)))</text>"
        }
        var height = shown.count * 36
        let (rest, never) = (known.count - shown.count, report.hosts.count - known.count)
        var remarks: [String] = []
        if rest > 0 { remarks.append("\(rest) more, none older") }
        if never > 0 { remarks.append("\(never) never proven") }
        if !remarks.isEmpty {
            parts +=
                "<text class=\"soft\" x=\"0\" y=\"\(height + 15)\">"
                + "\(remarks.joined(separator: " · "))</text>"
            height += 24
        }
        return svg(height, label: "Age of the last proven boot by host", parts)
    }

    /// Two lines over time.
    var drift: String {
        let points = report.trend
        guard let first = points.first?.at, let last = points.last?.at, last > first else {
            return ""
        }
        let most = max(1, points.map { max($0.unexplained, $0.leaked) }.max() ?? 1)
        let span = last.timeIntervalSince(first)
        func line(_ name: String, _ value: (ComplianceReport.TrendPoint) -> Int) -> String {
            let path = points.map { point in
                let x = 1_000 * point.at.timeIntervalSince(first) / span
                return "\(text(x)),\(text(100 - 100 * Double(value(point)) / Double(most)))"
            }
            return "<polyline class=\"\(name)\" points=\"\(path.joined(separator: " "))\"/>"
        }
        let frame =
            "<line x1=\"0\" y1=\"24\" x2=\"100%\" y2=\"24\"/>"
            + "<line x1=\"0\" y1=\"204\" x2=\"100%\" y2=\"204\"/>"
            + "<text class=\"soft\" x=\"0\" y=\"16\">\(most)</text>"
            + "<text class=\"soft\" x=\"0\" y=\"222\">\(JSONText.instant(first).prefix(10))</text>"
            + "<text class=\"soft\" x=\"100%\" y=\"222\" text-anchor=\"end\">"
            + "\(JSONText.instant(last).prefix(10))</text>"
        let legend =
            "<text x=\"100%\" y=\"16\" text-anchor=\"end\"><tspan class=\"key unexplained\">"
            + "— unexplained</tspan> <tspan class=\"key leaked\">╌ leaked</tspan></text>"
        let lines =
            "<svg x=\"0\" y=\"24\" width=\"100%\" height=\"180\" viewBox=\"0 0 1000 100\" "
            + "preserveAspectRatio=\"none\">" + line("unexplained", \.unexplained)
            + line("leaked", \.leaked) + "</svg>"
        return svg(228, label: "Unexplained and leaked paths over time", frame + lines + legend)
    }

    private func svg(_ height: Int, label: String, _ parts: String) -> String {
        "<svg width=\"100%\" height=\"\(height)\" role=\"img\" aria-label=\"\(label)\">"
            + parts + "</svg>"
    }

    /// A coordinate with at most one digit after the point.
    private func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : String(tenths: value)
    }
}
