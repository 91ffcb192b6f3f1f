import EbbModel

extension DriftReport {
    /// The document `ebb.drift/1`.
    package var json: JSON {
        [
            "schema": "ebb.drift/1", "generatedAt": .instant(generatedAt), "complete": .bool(isComplete),
            "wallSeconds": .optional(wall) { .number($0.seconds) }, "hosts": .array(hosts.map(\.json)),
        ]
    }

    /// One document per host, `ebb.drift.host/1`, for streams.
    package var records: [JSON] {
        hosts.map { ["schema": "ebb.drift.host/1", "generatedAt": .instant(generatedAt)] + $0.json }
    }
}

extension DriftReport.Host {
    fileprivate var json: JSON {
        [
            "host": .string(host.text), "outcome": .string(outcome.rawValue), "strategy": .optional(strategy?.rawValue),
            "bootID": .optional(bootID?.text), "complete": .bool(isComplete), "observedAt": .instant(observedAt),
            "durationSeconds": .optional(duration) { .number($0.seconds) },
            "bootPrediction": .optional(prediction) { $0.json },
            "unorderedBoot": .optional(unorderedBoot) { verdict in
                [
                    "erasure": .string(verdict.erasure.rawValue), "retention": .string(verdict.retention.rawValue),
                    "reasons": .strings(verdict.reasons),
                ]
            }, "counts": .counts(counts), "bytes": .counts(bytes, of: PathVerdict.allCases.filter(\.isAtRisk)),
            "entries": .array(lines.map { .object($0, ReportColumn.ofEntry) }),
            "declared": .array(declared.map(\.json)), "gaps": .array(gaps.map(\.json)),
        ]
    }
}

extension JSON {
    /// Numbers by verdict; what has none is 0.
    static func counts(_ counts: [PathVerdict: some BinaryInteger], of verdicts: [PathVerdict] = PathVerdict.allCases)
        -> JSON
    { .object(verdicts.map { JSON.Member($0.rawValue, .count(counts[$0] ?? 0)) }) }
}

extension DeclaredFinding {
    /// The finding as a member of a report.
    package var json: JSON {
        [
            "path": .string(entry.path), "mechanism": .string(entry.mechanism.rawValue),
            "class": .string(entry.stateClass.rawValue), "verdict": .string(verdict.rawValue),
            "reason": .string(reason),
        ]
    }
}

extension ProbeGap {
    /// The gap as a member of a report.
    package var json: JSON {
        ["probe": .string(probe), "reason": .string(reason.rawValue), "message": .string(message)]
    }
}

extension Duration {
    /// The duration in seconds, to the millisecond.
    package var seconds: Double {
        let parts = components
        let milliseconds = parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000
        return Double(milliseconds) / 1_000
    }
}
