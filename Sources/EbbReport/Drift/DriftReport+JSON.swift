import EbbModel

extension DriftReport {
    /// The document `ebb.drift/1`.
    package var json: JSON {
        [
            "schema": "ebb.drift/1",
            "generatedAt": .string(JSONText.instant(generatedAt)),
            "complete": .bool(isComplete),
            "wallSeconds": .optional(wall) { .number($0.seconds) },
            "hosts": .array(hosts.map(\.json)),
        ]
    }

    /// One document per host, `ebb.drift.host/1`, for streams.
    package var records: [JSON] {
        hosts.map { host in
            guard case .object(let members) = host.json else { return host.json }
            let head: [JSON.Member] = [
                .init("schema", "ebb.drift.host/1"),
                .init("generatedAt", .string(JSONText.instant(generatedAt))),
            ]
            return .object(head + members)
        }
    }
}

extension DriftReport.Host {
    fileprivate var json: JSON {
        [
            "host": .string(host.text),
            "outcome": .string(outcome.rawValue),
            "strategy": .optional(strategy?.rawValue),
            "bootID": .optional(bootID?.text),
            "complete": .bool(isComplete),
            "observedAt": .optional(observedAt.map(JSONText.instant)),
            "durationSeconds": .optional(duration) { .number($0.seconds) },
            "bootPrediction": .optional(prediction) { $0.json },
            "unorderedBoot": .optional(unorderedBoot) { verdict in
                [
                    "erasure": .string(verdict.erasure.rawValue),
                    "retention": .string(verdict.retention.rawValue),
                    "reasons": .strings(verdict.reasons),
                ]
            },
            "counts": .object(
                PathVerdict.allCases.map {
                    JSON.Member($0.rawValue, .count(counts[$0] ?? 0))
                }),
            "bytes": .object(
                PathVerdict.allCases.filter(\.isAtRisk).map {
                    JSON.Member($0.rawValue, .count(bytes[$0] ?? 0))
                }),
            "entries": .array(lines.map(\.json)),
            "declared": .array(declared.map(\.json)),
            "gaps": .array(gaps.map(\.json)),
        ]
    }
}

extension DriftReport.Line {
    fileprivate var json: JSON {
        let change = entry.change
        return .object(
            entry.jsonHead(size: size) + [
                .init("entryCount", .count(entryCount)),
                .init("mode", .optional(change.mode) { .string(String($0, radix: 8)) }),
                .init("uid", .optional(change.uid) { .count($0) }),
                .init("gid", .optional(change.gid) { .count($0) }),
                .init("mtime", .optional(change.modified.map(JSONText.instant))),
                .init("linkTarget", .optional(change.linkTarget?.printable)),
                .init("renamedFrom", .optional(change.renamedFrom?.printable)),
                .init("firstSeen", .optional(firstSeen.map(JSONText.instant))),
                .init("reason", .string(entry.reason)),
                .init("suggestion", .optional(entry.suggestion)),
            ])
    }
}

extension DeclaredFinding {
    /// The finding as a member of a report.
    package var json: JSON {
        [
            "path": .string(entry.path),
            "mechanism": .string(entry.mechanism.rawValue),
            "verdict": .string(verdict.rawValue),
            "reason": .string(reason),
        ]
    }
}

extension ProbeGap {
    /// The gap as a member of a report.
    package var json: JSON {
        [
            "probe": .string(probe),
            "reason": .string(reason.rawValue),
            "message": .string(message),
        ]
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
