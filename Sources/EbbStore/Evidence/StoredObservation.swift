package import EbbModel
package import FoundationEssentials

/// One look at one host, as it is stored.
package struct StoredObservation: Sendable, Hashable {
    package let id: ObservationID
    package let host: HostName
    package let kind: ObservationKind
    package let observedAt: Date
    package let bootID: BootID?
    package let toolVersion: String
    /// The raw output it rests on.
    package let evidence: EvidenceID
    /// What was read in the raw output; `nil`: Ebb ended before it could read it.
    package let observation: ObservationSummary?
    /// What was concluded; `nil`: nothing was, or not yet.
    package let judgement: JudgementSummary?
}

/// What an observation says of its host, without the changed paths.
package struct ObservationSummary: Sendable, Hashable {
    /// Whether the host answered at all.
    package let isReachable: Bool
    /// Whether nothing is missing.
    package let isComplete: Bool
    package let strategy: Strategy?
    /// The facts; `nil` when they were pruned.
    package let facts: HostFacts?
    package let gaps: [ProbeGap]
}

/// What was concluded from an observation, in numbers.
package struct JudgementSummary: Sendable, Hashable {
    /// The verdict's row in the evidence chain.
    package let evidence: EvidenceID
    package let counts: DriftCounts
    /// Whether the paths and verdicts are those of the judgement before.
    package let isUnchanged: Bool
    /// What was found of each declared path; `nil` when it was pruned.
    package let declared: [DeclaredFinding]?
}

/// How many changed paths have each verdict, and how many bytes are at risk.
package struct DriftCounts: Sendable, Hashable, Codable {
    /// Paths per verdict; a verdict that no path has may be missing.
    package var paths: [String: Int]
    /// Bytes of the `unexplained` and `leaked` paths, as far as their sizes are known.
    package var bytes: [String: Int64]

    package init(_ entries: some Sequence<DriftEntry>) {
        var counting = Counting()
        for entry in entries { counting.add(entry) }
        self = counting.counts
    }

    private init() {
        paths = [:]
        bytes = [:]
    }

    /// Counts under way, without hashing: a million paths go through here.
    struct Counting {
        private var numbers = [Int](repeating: 0, count: PathVerdict.allCases.count)
        private var sums = [Int64](repeating: 0, count: PathVerdict.allCases.count)

        mutating func add(_ entry: DriftEntry) {
            let index = entry.verdict.column
            numbers[index] += 1
            if let size = entry.change.size, size > 0 { sums[index] &+= size }
        }

        var counts: DriftCounts {
            var counts = DriftCounts()
            for verdict in PathVerdict.allCases where numbers[verdict.column] > 0 {
                counts.paths[verdict.rawValue] = numbers[verdict.column]
                if verdict.isAtRisk { counts.bytes[verdict.rawValue] = sums[verdict.column] }
            }
            return counts
        }
    }

    /// How many paths have the verdict.
    package func count(of verdict: PathVerdict) -> Int { paths[verdict.rawValue] ?? 0 }

    /// How many bytes the paths of the verdict have; 0 unless it is a verdict at risk.
    package func bytes(of verdict: PathVerdict) -> Int64 { bytes[verdict.rawValue] ?? 0 }
}

extension PathVerdict {
    /// A small number for counting a million paths without hashing.
    fileprivate var column: Int {
        switch self {
        case .persisted: 0
        case .managed: 1
        case .regenerated: 2
        case .accepted: 3
        case .noise: 4
        case .leaked: 5
        case .unexplained: 6
        }
    }
}
