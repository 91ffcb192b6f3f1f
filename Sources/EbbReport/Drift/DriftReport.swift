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

        package init(
            host: HostName, outcome: Outcome, strategy: Strategy? = nil, bootID: BootID? = nil, observedAt: Date? = nil,
            counts: [PathVerdict: Int] = [:], bytes: [PathVerdict: Int64] = [:], lines: [Line] = [],
            declared: [DeclaredFinding] = [], gaps: [ProbeGap] = [], duration: Duration? = nil
        ) {
            (self.host, self.outcome, self.strategy, self.bootID) = (host, outcome, strategy, bootID)
            (self.observedAt, self.counts, self.bytes, self.lines) = (observedAt, counts, bytes, lines)
            (self.declared, self.gaps, self.duration) = (declared, gaps, duration)
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

    /// 4 when something is unknown, else 3 when one of `failOn` was found, else 0.
    package func exitStatus(failOn: Set<PathVerdict>) -> ExitStatus {
        if !isComplete { return .incomplete }
        let isFound = hosts.contains { host in
            host.counts.contains { failOn.contains($0.key) && $0.value > 0 }
                || (failOn.contains(.leaked) && host.declared.contains { $0.verdict != .inEffect })
        }
        return isFound ? .findings : .success
    }
}
