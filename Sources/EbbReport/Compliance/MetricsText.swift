/// Metrics as Prometheus and OpenMetrics read them: the only place that escapes their labels.
struct MetricsText {
    private(set) var text = ""

    /// Begins a family of gauges; the samples follow.
    mutating func gauge(_ name: String, _ help: String) { text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n" }

    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Int64) {
        let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
    }

    /// The text with OpenMetrics' end mark, which is a comment to Prometheus.
    mutating func finish() -> String {
        text += "# EOF\n"
        return text
    }

    private static func escaped(_ label: String) -> String {
        var escaped = ""
        for scalar in PrintableLine.of(label, limit: 300).unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
