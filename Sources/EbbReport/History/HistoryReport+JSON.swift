import EbbModel

extension HistoryReport {
    /// The document `ebb.history/1`.
    package var json: JSON {
        [
            "schema": "ebb.history/1",
            "generatedAt": .string(JSONText.instant(generatedAt)),
            "host": .string(host.text),
            "boots": .array(boots.map(\.json)),
            "looks": .array(looks.map(\.json)),
            "paths": .array(intervals.map(\.json)),
        ]
    }
}

extension HistoryReport.Boot {
    fileprivate var json: JSON {
        [
            "bootID": .string(bootID.text),
            "firstSeen": .string(JSONText.instant(firstSeen)),
            "lastSeen": .string(JSONText.instant(lastSeen)),
            "ordered": .bool(isOrdered),
            "erasure": .optional(verdict?.erasure.rawValue),
            "retention": .optional(verdict?.retention.rawValue),
            "proven": .optional(verdict) { .bool($0.isProven) },
            "reasons": .strings(verdict?.reasons ?? []),
            "prediction": .optional(prediction) { $0.json },
        ]
    }
}

extension BootComparison {
    /// The comparison as a member of a report.
    package var json: JSON {
        [
            "undone": .count(undone),
            "returned": .count(returned),
            "survived": .count(survived),
            "undetermined": .count(undetermined),
            "missed": .count(missed),
            "precision": .optional(precision) { .number($0) },
            "recall": .optional(recall) { .number($0) },
            "survivors": .array(survivors.map(\.json)),
            "missedPaths": .array(missedPaths.map(\.json)),
        ]
    }
}

extension BytePath {
    /// The path as an object: printable, and exact where it is no text.
    fileprivate var json: JSON {
        var members: [JSON.Member] = [.init("path", .string(printable))]
        if text == nil { members.append(.init("pathBase64", .string(base64))) }
        return .object(members)
    }
}

extension HistoryReport.Look {
    fileprivate var json: JSON {
        [
            "observedAt": .string(JSONText.instant(at)),
            "kind": .string(purpose),
            "bootID": .optional(bootID?.text),
            "reachable": .bool(isReachable),
            "complete": .bool(isComplete),
            "counts": .optional(counts) { counts in
                .object(
                    PathVerdict.allCases.map {
                        JSON.Member($0.rawValue, .count(counts[$0] ?? 0))
                    })
            },
        ]
    }
}

extension HistoryReport.Interval {
    fileprivate var json: JSON {
        .object(
            entry.jsonHead(size: entry.change.size) + [
                .init("reason", .string(entry.reason)),
                .init("firstSeen", .string(JSONText.instant(firstSeen))),
                .init("firstBoot", .optional(firstBoot?.text)),
                .init("lastSeen", .optional(lastSeen.map(JSONText.instant))),
                .init("lastBoot", .optional(lastBoot?.text)),
                .init("open", .bool(lastSeen == nil)),
            ])
    }
}
