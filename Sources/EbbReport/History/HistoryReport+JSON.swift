import EbbModel

extension HistoryReport {
    /// The document `ebb.history/1`.
    package var json: JSON {
        [
            "schema": "ebb.history/1", "generatedAt": .instant(generatedAt), "host": .string(host.text),
            "boots": .array(boots.map(\.json)), "observations": .array(observations.map(\.json)),
            // The name that observations had first.
            "looks": .array(observations.map(\.json)), "paths": .array(intervals.map(\.json)),
        ]
    }
}

extension HistoryReport.Boot {
    fileprivate var json: JSON {
        [
            "bootID": .string(bootID.text), "firstSeen": .instant(firstSeen), "lastSeen": .instant(lastSeen),
            "ordered": .bool(isOrdered), "erasure": .optional(verdict?.erasure.rawValue),
            "retention": .optional(verdict?.retention.rawValue), "proven": .optional(verdict) { .bool($0.isProven) },
            "reasons": .strings(verdict?.reasons ?? []), "census": .array((verdict?.census ?? []).map(\.json)),
            "prediction": .optional(prediction) { $0.json },
        ]
    }
}

extension BootComparison {
    /// The comparison as a member of a report.
    package var json: JSON {
        [
            "undone": .count(undone), "returned": .count(returned), "survived": .count(survived),
            "undetermined": .count(undetermined), "missed": .count(missed),
            "precision": .optional(precision) { .number($0) }, "recall": .optional(recall) { .number($0) },
            "survivors": .array(survivors.map(\.json)), "missedPaths": .array(missedPaths.map(\.json)),
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

extension HistoryReport.Observation {
    fileprivate var json: JSON {
        [
            "observedAt": .instant(at), "kind": .string(purpose), "bootID": .optional(bootID?.text),
            "reachable": .bool(isReachable), "complete": .bool(isComplete), "counts": .optional(counts) { .counts($0) },
        ]
    }
}

extension HistoryReport.Interval {
    private static var columns: [ReportColumn<Self>] {
        ReportColumn.ofEntry + [
            .init("firstBoot") { .text($0.firstBoot?.text) }, .init("lastSeen") { .instant($0.lastSeen) },
            .init("lastBoot") { .text($0.lastBoot?.text) }, .init("open") { .flag($0.lastSeen == nil) },
        ]
    }

    fileprivate var json: JSON { .object(self, Self.columns) }
}
