import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// One record per host.
    func writeCSV(to output: inout some TextOutputStream) { CSV.write(hosts, hostColumns, to: &output) }

    private var hostColumns: [ReportColumn<HostCompliance>] {
        // A number that nobody counted is left empty: 0 would be good news.
        func counted<Number: BinaryInteger>(_ count: @escaping (HostCompliance) -> Number) -> (HostCompliance) ->
            ReportValue
        { { .number($0.facts.judgement == nil ? nil : count($0)) } }
        let controls = Control.allCases.map { control -> ReportColumn<HostCompliance> in
            .init("control_" + control.rawValue) { .text($0.result(of: control)?.verdict.rawValue) }
        }
        return [
            .init("host") { .text($0.host.text) }, .init("groups") { .text($0.groups.joined(separator: " ")) },
            .init("verdict") { .text($0.verdict.rawValue) },
            .init("strategy") { .text($0.facts.observation?.strategy?.rawValue) },
            .init("reachable") { .flag($0.facts.observation?.isReachable) },
            .init("observedAt") { .instant($0.facts.observation?.at) },
            .init("complete") { .flag($0.facts.observation?.isComplete) },
            .init("lastProvenBootAt") { .instant($0.facts.provenBoot?.judgedAt) },
            .init("lastProvenBootAgeSeconds") { .number($0.provenAge(at: asOf)) },
            .init("lastProvenBootId") { .text($0.facts.provenBoot?.bootID.text) },
            .init("lastBootId") { .text($0.facts.lastBoot?.bootID.text) },
            .init("lastBootErasure") { .text($0.facts.lastBoot?.verdict?.erasure.rawValue) },
            .init("lastBootRetention") { .text($0.facts.lastBoot?.verdict?.retention.rawValue) },
            .init("unexplainedPaths", value: counted { $0.facts.count(of: .unexplained) }),
            .init("leakedPaths", value: counted { $0.facts.count(of: .leaked) }),
            .init("bytesAtRisk", value: counted(\.facts.bytesAtRisk)),
            .init("declaredPaths", value: counted(\.facts.declared.count)),
            .init("declaredNotInEffect", value: counted(\.declaredTroubles.count)),
            .init("persistenceDigest") { .text($0.facts.persistenceDigest) },
        ] + controls + [
            .init("findings") { .text($0.findings.map(\.sentence).joined(separator: " ")) },
            .init("waivers") { host in
                let waivers = host.controls.compactMap { result in
                    result.waiver.map { "\($0.control) until \($0.until) by \($0.by): \($0.reason)" }
                }
                return .text(waivers.joined(separator: "; "))
            }, .init("generatedAt") { _ in .instant(generatedAt) }, .init("asOf") { _ in .instant(asOf) },
            .init("evidenceHead") { _ in .text(provenance.chainHead) },
        ]
    }

    /// One record per control that is not well, per declared path that is not in effect, and per
    /// path at risk.
    func writeFindingsCSV(to output: inout some TextOutputStream) {
        CSV.write(hosts.lazy.flatMap(findings(of:)), Finding.columns, to: &output)
    }

    /// A record of the findings; what does not concern its kind is left empty.
    struct Finding {
        let host: HostName
        let kind: String
        let control: Control
        let verdict: String
        var path: String?
        var stateClass: StateClass?
        var size: Int64?
        var firstSeen: Date?
        let sentence: String
        var suggestion: String?
        var evidenceAt: Date?
        var evidence: [Int64]?

        static var columns: [ReportColumn<Finding>] {
            [
                .init("host") { .text($0.host.text) }, .init("kind") { .text($0.kind) },
                .init("control") { .text($0.control.rawValue) }, .init("verdict") { .text($0.verdict) },
                .init("path") { .text($0.path) }, .init("class") { .text($0.stateClass?.rawValue) },
                .init("size") { .bytes($0.size) }, .init("firstSeen") { .instant($0.firstSeen) },
                .init("sentence") { .text($0.sentence) }, .init("suggestion") { .text($0.suggestion) },
                .init("evidenceAt") { .instant($0.evidenceAt) },
                .init("evidence") { .text($0.evidence?.map { String($0) }.joined(separator: " ")) },
            ]
        }
    }

    func findings(of host: HostCompliance) -> [Finding] {
        let controls = host.unmet.map {
            Finding(
                host: host.host, kind: "control", control: $0.control, verdict: $0.verdict.rawValue,
                sentence: $0.sentence, evidenceAt: $0.evidenceAt, evidence: $0.evidence)
        }
        let declared = host.declaredTroubles.map {
            Finding(
                host: host.host, kind: "declared", control: .persistenceVerified, verdict: $0.verdict.rawValue,
                path: $0.entry.path, stateClass: $0.entry.stateClass, sentence: $0.reason)
        }
        let paths = host.facts.paths.map {
            Finding(
                host: host.host, kind: "path", control: $0.control, verdict: $0.verdict.rawValue,
                path: $0.path.printable, stateClass: $0.stateClass, size: $0.size, firstSeen: $0.firstSeen,
                sentence: $0.reason, suggestion: $0.suggestion)
        }
        return controls + declared + paths
    }
}
