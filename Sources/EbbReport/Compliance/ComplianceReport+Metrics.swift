import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// Gauges for alerting.
    ///
    /// What is not known has no sample, rather than one that looks good.
    package var metrics: String {
        var out = MetricsText()
        out.gauge("ebb_hosts", "Hosts by compliance verdict.")
        for verdict in ComplianceVerdict.allCases {
            out.sample("ebb_hosts", [("verdict", verdict.rawValue)], Int64(count(of: verdict)))
        }
        out.gauge("ebb_host_verdict", "1 for the verdict that the host has, 0 for the others.")
        for host in hosts {
            for verdict in ComplianceVerdict.allCases {
                out.sample(
                    "ebb_host_verdict", [("host", host.host.text), ("verdict", verdict.rawValue)],
                    host.verdict == verdict ? 1 : 0)
            }
        }
        out.gauge("ebb_control_verdict", "1 for the verdict that the control has on the host.")
        for host in hosts {
            for result in host.controls {
                out.sample(
                    "ebb_control_verdict",
                    [
                        ("host", host.host.text), ("control", result.control.rawValue),
                        ("verdict", result.verdict.rawValue),
                    ], 1)
            }
        }
        perHost(&out, "ebb_last_proven_boot_timestamp_seconds", "When the last proven boot of the host was proven.") {
            $0.provenBoot?.judgedAt.map { Int64($0.timeIntervalSince1970) }
        }
        perHost(&out, "ebb_last_observation_timestamp_seconds", "When the host was last asked.") {
            $0.observation.map { Int64($0.at.timeIntervalSince1970) }
        }
        perHost(&out, "ebb_host_reachable", "Whether the host answered when last asked.") {
            $0.observation.map { $0.isReachable ? 1 : 0 }
        }
        perHost(&out, "ebb_unexplained_paths", "Paths that the next boot erases unaccounted for.") { facts in
            facts.judgement.map { _ in Int64(facts.count(of: .unexplained)) }
        }
        perHost(&out, "ebb_leaked_paths", "Declared paths that leaked to the ephemeral root.") { facts in
            facts.judgement.map { _ in Int64(facts.count(of: .leaked)) }
        }
        out.gauge("ebb_evidence_rows", "Rows of the evidence chain.")
        out.sample("ebb_evidence_rows", [], Int64(provenance.chainLength))
        out.gauge("ebb_compliance_report_timestamp_seconds", "When these metrics were made.")
        out.sample("ebb_compliance_report_timestamp_seconds", [], Int64(generatedAt.timeIntervalSince1970))
        return out.finish()
    }

    private func perHost(_ out: inout MetricsText, _ name: String, _ help: String, _ value: (ComplianceFacts) -> Int64?)
    {
        out.gauge(name, help)
        for host in hosts { if let value = value(host.facts) { out.sample(name, [("host", host.host.text)], value) } }
    }
}

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
        PrintableLine.of(label, limit: 300, escaping: ["\\": "\\\\", "\"": "\\\"", "\n": "\\n"])
    }
}
