package import EbbModel
package import FoundationEssentials

/// What is stored of one host: its boots, how good the predictions were, and its paths over time.
package struct HistoryReport: Sendable {
    /// One boot, with what became of the prediction before it.
    package struct Boot: Sendable {
        package let bootID: BootID
        package let firstSeen: Date
        package let lastSeen: Date
        /// The attempt that ordered it; `nil`: Ebb did not.
        package let attempt: Int64?
        package let verdict: BootVerdict?
        package let prediction: BootComparison?

        package init(
            bootID: BootID, firstSeen: Date, lastSeen: Date, attempt: Int64?, verdict: BootVerdict?,
            prediction: BootComparison?
        ) {
            (self.bootID, self.firstSeen, self.lastSeen, self.attempt) = (bootID, firstSeen, lastSeen, attempt)
            (self.verdict, self.prediction) = (verdict, prediction)
        }
    }

    /// One observation of the host.
    package struct Observation: Sendable {
        package let at: Date
        package let purpose: String
        package let bootID: BootID?
        package let isReachable: Bool
        package let isComplete: Bool
        /// Changed paths per verdict; `nil` where nothing was judged.
        package let counts: [PathVerdict: Int]?

        package init(
            at: Date, purpose: String, bootID: BootID?, isReachable: Bool, isComplete: Bool, counts: [PathVerdict: Int]?
        ) {
            (self.at, self.purpose, self.bootID, self.isReachable) = (at, purpose, bootID, isReachable)
            (self.isComplete, self.counts) = (isComplete, counts)
        }

        /// How many paths were at risk; `nil` where that is not known.
        package var atRisk: Int? {
            guard isComplete, let counts else { return nil }
            return counts.filter { $0.key.isAtRisk }.values.clampedSum
        }
    }

    package let generatedAt: Date
    package let host: HostName
    /// Newest first.
    package let boots: [Boot]
    /// Newest first.
    package let observations: [Observation]
    /// By path, then by time.
    package let intervals: [DriftInterval]

    package init(
        generatedAt: Date, host: HostName, boots: [Boot], observations: [Observation], intervals: [DriftInterval]
    ) {
        (self.generatedAt, self.host, self.boots, self.observations) = (generatedAt, host, boots, observations)
        self.intervals = intervals
    }
}

extension HistoryReport {
    /// The report for a person: boots, the trend, then paths.
    package func text(width: Int?, color: Bool) -> String {
        let proven = boots.count { $0.verdict?.isProven == true }
        var text = TextRole.heading.paint(
            "\(host): \(boots.count) boots seen, \(proven) proven, \(observations.count) observations", color: color)
        text += "\n"
        if !boots.isEmpty {
            text += "\n" + bootTable.rendered(width: width, color: color)
            for boot in boots { text += troubles(of: boot, color: color) }
        }
        if let trend { text += "\n" + trend + "\n" }
        if !intervals.isEmpty { text += "\n" + pathTable.rendered(width: width, color: color) }
        return text
    }

    private var bootTable: TextTable {
        var table = TextTable([
            .init("BOOT"), .init("FIRST SEEN"), .init("LAST SEEN", yields: true), .init("ORDERED", yields: true),
            .init("ROOT"), .init("DECLARED"), .init("UNDONE", .right), .init("CAME BACK", .right, yields: true),
            .init("SURVIVED", .right, yields: true), .init("MISSED", .right, yields: true), .init("PRECISION", .right),
            .init("RECALL", .right),
        ])
        for boot in boots {
            var cells: [TextTable.Cell] = [
                .init(Self.short(boot.bootID), .emphasis), .init(TextDuration.minute(boot.firstSeen)),
                .init(TextDuration.minute(boot.lastSeen)), .init(boot.attempt.map { "attempt \($0)" } ?? "no", .muted),
                .init(boot.verdict?.erasure.rawValue ?? "not judged", boot.verdict?.erasure.role ?? .muted),
                .init(boot.verdict?.retention.rawValue ?? "", boot.verdict?.retention.role ?? .muted),
            ]
            if let found = boot.prediction {
                cells += [
                    .init(found.undone), .init(found.returned),
                    .init(found.survived, found.survived > 0 ? .bad : .plain),
                    .init(found.missed, found.missed > 0 ? .bad : .plain), Self.share(found.precision),
                    Self.share(found.recall),
                ]
            } else {
                cells.append(.init("?", .muted))
            }
            table.add(cells)
        }
        return table
    }

    /// What a prediction got wrong, path by path.
    private func troubles(of boot: Boot, color: Bool) -> String {
        guard let found = boot.prediction else { return "" }
        var lines: [String] = []
        for (paths, count, what) in [
            (found.survivors, found.survived, "was to be undone and is still there"),
            (found.missedPaths, found.missed, "was not predicted"),
        ] {
            lines += paths.map { "\(Self.short(boot.bootID)): \($0.printable) \(what)" }
            if count > paths.count { lines.append("\(Self.short(boot.bootID)): and \(count - paths.count) more") }
        }
        return lines.map { TextRole.bad.paint($0, color: color) + "\n" }.joined()
    }

    /// Paths at risk over the last complete observations, oldest first.
    private var trend: String? {
        let counts = observations.compactMap(\.atRisk).prefix(48).reversed().map { $0 }
        guard counts.count > 1, let last = counts.last, let most = counts.max() else { return nil }
        let marks = Array("▁▂▃▄▅▆▇█")
        let bars = counts.map { marks[most == 0 ? 0 : $0 * (marks.count - 1) / most] }
        return "at risk  \(String(bars))  \(last) now, \(most) at most"
    }

    private var pathTable: TextTable {
        TextTable.of(
            intervals,
            [
                .path, .verdict, .stateClass.yielding, .change.yielding, .size.yielding, .firstSeen,
                .init("firstBoot", "IN BOOT", yields: true) { .word($0.firstBoot.map(Self.short) ?? "?", .muted) },
                .init("lastSeen", "LAST SEEN") { $0.lastSeen.map { .instant($0) } ?? .word("still there", .warning) },
                .init("lastBoot", "IN BOOT", yields: true) {
                    .word($0.lastSeen == nil ? "" : $0.lastBoot.map(Self.short) ?? "?", .muted)
                },
            ])
    }

    private static func short(_ boot: BootID) -> String { String(boot.text.prefix(8)) }

    private static func share(_ value: Double?) -> TextTable.Cell {
        guard let value else { return .init("—", .muted) }
        if value == 1 { return .init("100%", .good) }
        // Anything short of everything is never rounded up to it.
        let tenths = min(Int(value * 1_000), 999)
        return .init("\(tenths / 10).\(tenths % 10)%", .bad)
    }

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
            "ordered": .bool(attempt != nil), "attempt": .count(attempt),
            "erasure": .optional(verdict?.erasure.rawValue), "retention": .optional(verdict?.retention.rawValue),
            "proven": .optional(verdict) { .bool($0.isProven) }, "reasons": .strings(verdict?.reasons ?? []),
            "census": .array((verdict?.census ?? []).map(\.json)), "prediction": .optional(prediction) { $0.json },
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

extension DriftInterval {
    private static var columns: [ReportColumn<Self>] {
        ReportColumn.ofEntry + [
            .init("firstBoot") { .text($0.firstBoot?.text) }, .init("lastSeen") { .instant($0.lastSeen) },
            .init("lastBoot") { .text($0.lastBoot?.text) }, .init("open") { .flag($0.lastSeen == nil) },
        ]
    }

    fileprivate var json: JSON { .object(self, Self.columns) }
}
