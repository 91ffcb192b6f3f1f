import EbbCompliance
import EbbModel
import FoundationEssentials

/// The charts of the HTML report: inline SVG, coloured by the page's style sheet.
struct ComplianceCharts {
    let report: ComplianceReport

    /// One bar, divided by verdict.
    var verdicts: String {
        let width = 640.0
        let total = Double(max(1, report.hosts.count))
        var x = 0.0
        var parts = ""
        var label: [String] = []
        for verdict in ComplianceVerdict.allCases {
            let count = report.count(of: verdict)
            guard count > 0 else { continue }
            let span = width * Double(count) / total
            parts +=
                "<rect class=\"\(verdict.rawValue)\" x=\"\(text(x))\" y=\"0\" "
                + "width=\"\(text(max(1, span - 1)))\" height=\"36\"/>"
            if span > 34 {
                parts +=
                    "<text class=\"in\" x=\"\(text(x + span / 2))\" y=\"23\" "
                    + "text-anchor=\"middle\">\(count)</text>"
            }
            label.append("\(count) \(verdict.rawValue)")
            x += span
        }
        return svg(width, 36, label: "Hosts by verdict: \(label.joined(separator: ", "))", parts)
    }

    /// One bar per host; with many hosts, per rank, so that the shape stays readable.
    var proofAges: String {
        let known = report.hosts.compactMap { host in
            host.provenAge(at: report.asOf).map { (host, $0) }
        }.sorted { ($0.1, $0.0.host) > ($1.1, $1.0.host) }
        let shown = Array(known.prefix(12))
        let most = Double(max(86_400, shown.first?.1 ?? 0))
        let never = report.hosts.count - known.count
        var parts = ""
        for (row, (host, age)) in shown.enumerated() {
            let y = Double(row) * 24
            let span = max(2, 380 * Double(age) / most)
            let verdict = host.result(of: .provenBoot)?.verdict ?? .unknown
            let name = XMLText.of(host.host.text, limit: 24)
            parts +=
                "<text x=\"182\" y=\"\(text(y + 15))\" text-anchor=\"end\">\(name)</text>"
                + "<rect class=\"\(verdict.rawValue)\" x=\"190\" y=\"\(text(y + 3))\" "
                + "width=\"\(text(span))\" height=\"16\"/>"
                + "<text class=\"soft\" x=\"\(text(190 + span + 6))\" y=\"\(text(y + 15))\">"
                + "\(TextDuration.text(.seconds(age)))</text>"
        }
        var height = Double(shown.count) * 24
        let rest = known.count - shown.count
        var remarks: [String] = []
        if rest > 0 { remarks.append("\(rest) more, none older") }
        if never > 0 { remarks.append("\(never) never proven") }
        if !remarks.isEmpty {
            parts +=
                "<text class=\"soft\" x=\"190\" y=\"\(text(height + 15))\">"
                + "\(remarks.joined(separator: " · "))</text>"
            height += 24
        }
        return svg(640, height, label: "Age of the last proven boot by host", parts)
    }

    /// Two lines over time.
    var drift: String {
        let points = report.trend
        guard let first = points.first?.at, let last = points.last?.at, last > first else {
            return ""
        }
        let most = Double(max(1, points.map { max($0.unexplained, $0.leaked) }.max() ?? 1))
        let span = last.timeIntervalSince(first)
        func line(_ name: String, _ value: (ComplianceReport.TrendPoint) -> Int) -> String {
            let path = points.map { point in
                let x = 44 + 580 * point.at.timeIntervalSince(first) / span
                return "\(text(x)),\(text(130 - 110 * Double(value(point)) / most))"
            }
            return "<polyline class=\"\(name)\" points=\"\(path.joined(separator: " "))\"/>"
        }
        let axis =
            "<line x1=\"44\" y1=\"130\" x2=\"624\" y2=\"130\"/>"
            + "<line x1=\"44\" y1=\"20\" x2=\"624\" y2=\"20\"/>"
            + "<text class=\"soft\" x=\"38\" y=\"24\" text-anchor=\"end\">\(Int(most))</text>"
            + "<text class=\"soft\" x=\"38\" y=\"134\" text-anchor=\"end\">0</text>"
            + "<text class=\"soft\" x=\"44\" y=\"148\">\(JSONText.instant(first).prefix(10))</text>"
            + "<text class=\"soft\" x=\"624\" y=\"148\" text-anchor=\"end\">"
            + "\(JSONText.instant(last).prefix(10))</text>"
        let legend =
            "<text class=\"key unexplained\" x=\"520\" y=\"12\" text-anchor=\"end\">"
            + "unexplained</text><text class=\"key leaked\" x=\"624\" y=\"12\" "
            + "text-anchor=\"end\">leaked</text>"
        return svg(
            640, 154, label: "Unexplained and leaked paths over time",
            axis + line("unexplained", \.unexplained) + line("leaked", \.leaked) + legend)
    }

    private func svg(_ width: Double, _ height: Double, label: String, _ parts: String) -> String {
        "<svg viewBox=\"0 0 \(text(width)) \(text(height))\" role=\"img\" aria-label=\"\(label)\">"
            + parts + "</svg>"
    }

    /// A coordinate with at most one digit after the point.
    private func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : String(tenths: value)
    }
}
