package import EbbModel
package import FoundationEssentials

/// What the next boot of each host would lose, ready to be shown.
package struct DriftReport: Sendable {
    /// One line: a changed path, or a directory that stands for all that is new below it.
    package struct Line: EntryRow, Sendable, Hashable {
        package let entry: DriftEntry
        /// How many changed paths the line stands for; 1 when nothing was folded into it.
        package let entryCount: Int
        /// The summed size of what the line stands for, where it is known.
        package let size: Int64?
        /// When an observation first saw the path changed like this.
        package let firstSeen: Date?

        package var firstSeenAt: Date? { firstSeen }

        package init(entry: DriftEntry, entryCount: Int = 1, size: Int64?, firstSeen: Date? = nil) {
            (self.entry, self.entryCount, self.size, self.firstSeen) = (entry, entryCount, size, firstSeen)
        }
    }

    /// One host.
    package struct Host: Sendable, Hashable {
        package let host: HostName
        package let outcome: Outcome
        package var strategy: Strategy?
        package var bootID: BootID?
        package var observedAt: Date?
        /// Of a host that does not answer: when the drift was observed that is said of it.
        package var driftAt: Date?
        /// Changed paths per verdict, before folding.
        package var counts: [PathVerdict: Int]
        /// Bytes per verdict at risk.
        package var bytes: [PathVerdict: Int64]
        package var lines: [Line]
        /// Declared paths that are not in effect.
        package var declared: [DeclaredFinding]
        package var gaps: [ProbeGap]
        /// How long the observation took.
        package var duration: Duration?
        /// What became of the prediction before this boot, where this is the first observation in it.
        package var prediction: BootComparison?
        /// What its boot proves, where nobody ordered it and this observation is the first to judge it.
        package var unorderedBoot: BootVerdict?
        /// What was judged of the boot that it runs, by this observation or an earlier one; `nil`: nobody has.
        package var boot: BootVerdict?
        /// The end of the attempt that ordered the boot that it runs; `nil`: none did, or somebody overrode it.
        package var attempt: AttemptState?
        /// Whether somebody decided that the attempt which ordered its boot holds it no longer; that proves nothing.
        package var isOverridden = false
        /// Declared content that is not as on record in the boot that it runs, and that nobody decided about.
        package var undecided: [CensusFinding] = []

        package init(
            host: HostName, outcome: Outcome, strategy: Strategy? = nil, bootID: BootID? = nil, observedAt: Date? = nil,
            counts: [PathVerdict: Int] = [:], bytes: [PathVerdict: Int64] = [:], lines: [Line] = [],
            declared: [DeclaredFinding] = [], gaps: [ProbeGap] = [], duration: Duration? = nil
        ) {
            (self.host, self.outcome, self.strategy, self.bootID) = (host, outcome, strategy, bootID)
            (self.observedAt, self.counts, self.bytes, self.lines) = (observedAt, counts, bytes, lines)
            (self.declared, self.gaps, self.duration) = (declared, gaps, duration)
        }

        /// Whether the boot that it runs was judged failed, as a boot or as an attempt.
        package var isFailed: Bool { boot?.isFailed == true || attempt == .failed }

        /// Whether something about the boot that it runs is open: nobody decided, the evidence did not answer, or somebody
        /// overrode the answer.
        package var isOpen: Bool {
            !undecided.isEmpty || (attempt == .inconclusive && boot?.isFailed != true)
                || (isOverridden && boot?.isProven != true)
        }

        /// Whether nothing is missing from what is said of the host.
        package var isComplete: Bool { outcome == .ok && gaps.isEmpty }

        /// Whether something would be lost that nobody agreed to lose.
        package var isAtRisk: Bool {
            counts.contains { $0.key.isAtRisk && $0.value > 0 } || declared.contains { $0.verdict != .inEffect }
        }
    }

    package let generatedAt: Date
    package let hosts: [Host]
    /// How long it took to observe all hosts; `nil` where none was asked.
    package let wall: Duration?

    package init(generatedAt: Date, hosts: [Host], wall: Duration? = nil) {
        (self.generatedAt, self.hosts, self.wall) = (generatedAt, hosts, wall)
    }

    /// Whether every host was seen whole.
    package var isComplete: Bool { hosts.allSatisfy(\.isComplete) }

    /// 4 when something is unknown or undecided or a host runs an ordered boot that is inconclusive or overridden, else 3 when one of `failOn` was found or a host runs a boot that was
    /// judged failed, else 0.
    package func exitStatus(failOn: Set<PathVerdict>) -> ExitStatus {
        if !isComplete || hosts.contains(where: \.isOpen) { return .incomplete }
        let isFound = hosts.contains { host in
            host.counts.contains { failOn.contains($0.key) && $0.value > 0 }
                || (failOn.contains(.leaked) && host.declared.contains { $0.verdict != .inEffect }) || host.isFailed
        }
        return isFound ? .findings : .success
    }
}

extension DriftReport {
    /// A path, or a directory that is new as a whole, and the hosts that have it.
    package struct SharedPath: EntryRow, Sendable {
        /// The most dangerous of the hosts' lines.
        package let line: Line
        package let hosts: [HostName]
        /// Summed over the hosts, where it is known.
        package let size: Int64?

        package var entry: DriftEntry { line.entry }
        package var entryCount: Int { line.entryCount }
        package var firstSeenAt: Date? { line.firstSeen }
    }

    /// One line per path over all hosts: what is common is mostly one cause.
    package var sharedPaths: [SharedPath] {
        var groups: [BytePath: [(HostName, Line)]] = [:]
        for host in hosts {
            for line in host.lines { groups[line.entry.change.path, default: []].append((host.host, line)) }
        }
        return groups.values.compactMap { group -> SharedPath? in
            guard let worst = group.map(\.1).min(by: Self.isMoreDangerous) else { return nil }
            let sizes = group.compactMap(\.1.size)
            return SharedPath(line: worst, hosts: group.map(\.0), size: sizes.isEmpty ? nil : sizes.clampedSum)
        }.sorted { left, right in
            left.hosts.count == right.hosts.count
                ? Self.isMoreDangerous(left.line, right.line) : left.hosts.count > right.hosts.count
        }
    }

    private var whichHosts: ReportColumn<SharedPath> {
        .init("hosts", shrinks: true) { shared in
            let isEverywhere = shared.hosts.count == hosts.count && hosts.count > 1
            let names = shared.hosts.map(\.text).joined(separator: ", ")
            return .hosts(shared.hosts, short: isEverywhere ? "all" : names)
        }
    }

    /// The report by path, for a person.
    package func pathsText(width: Int?, color: Bool) -> String {
        let table = TextTable.of(
            sharedPaths,
            [.path, .verdict, .stateClass, .size, .init("on", nil, .right) { .number($0.hosts.count) }, whichHosts])
        let rendered = table.rendered(width: width, color: color)
        return rendered + (rendered.isEmpty ? "" : "\n") + unknowns(color: color) + conclusion(color: color)
    }

    /// The document `ebb.drift.paths/1`.
    package var pathsJSON: JSON {
        [
            "schema": "ebb.drift.paths/1", "generatedAt": .instant(generatedAt), "complete": .bool(isComplete),
            "paths": .array(sharedPaths.map { .object($0, ReportColumn.ofEntry + [whichHosts]) }),
            "unknown": .strings(hosts.filter { !$0.isComplete }.map(\.host.text)),
        ]
    }

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
            "driftObservedAt": .instant(driftAt ?? (outcome == .ok ? observedAt : nil)),
            "durationSeconds": .optional(duration) { .number($0.seconds) },
            "bootPrediction": .optional(prediction) { $0.json },
            "unorderedBoot": .optional(unorderedBoot) { verdict in
                [
                    "erasure": .string(verdict.erasure.rawValue), "retention": .string(verdict.retention.rawValue),
                    "reasons": .strings(verdict.reasons),
                ]
            }, "attempt": .optional(attempt?.rawValue), "attemptOverridden": .bool(isOverridden),
            "undecided": .array(undecided.map { ["path": .string($0.path), "message": .string($0.message)] }),
            "counts": .counts(counts), "bytes": .counts(bytes, of: PathVerdict.allCases.filter(\.isAtRisk)),
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
