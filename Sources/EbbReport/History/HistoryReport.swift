package import EbbModel
package import FoundationEssentials

/// What is stored of one host: its boots, how good the predictions were, and its paths over time.
package struct HistoryReport: Sendable {
    /// One boot, with what became of the prediction before it.
    package struct Boot: Sendable {
        package let bootID: BootID
        package let firstSeen: Date
        package let lastSeen: Date
        /// Whether an attempt of Ebb's ordered it.
        package let isOrdered: Bool
        package let verdict: BootVerdict?
        package let prediction: BootComparison?

        package init(
            bootID: BootID, firstSeen: Date, lastSeen: Date, isOrdered: Bool, verdict: BootVerdict?,
            prediction: BootComparison?
        ) {
            (self.bootID, self.firstSeen, self.lastSeen, self.isOrdered) = (bootID, firstSeen, lastSeen, isOrdered)
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

    /// A stretch of time in which a path differed in one way.
    package struct Interval: EntryRow, Sendable {
        package let entry: DriftEntry
        package let firstSeen: Date
        package let firstBoot: BootID?
        /// When it was seen last; `nil` while it lasts.
        package let lastSeen: Date?
        package let lastBoot: BootID?

        package var firstSeenAt: Date? { firstSeen }

        package init(entry: DriftEntry, firstSeen: Date, firstBoot: BootID?, lastSeen: Date?, lastBoot: BootID?) {
            (self.entry, self.firstSeen, self.firstBoot, self.lastSeen) = (entry, firstSeen, firstBoot, lastSeen)
            self.lastBoot = lastBoot
        }
    }

    package let generatedAt: Date
    package let host: HostName
    /// Newest first.
    package let boots: [Boot]
    /// Newest first.
    package let observations: [Observation]
    /// By path, then by time.
    package let intervals: [Interval]

    package init(generatedAt: Date, host: HostName, boots: [Boot], observations: [Observation], intervals: [Interval]) {
        (self.generatedAt, self.host, self.boots, self.observations) = (generatedAt, host, boots, observations)
        self.intervals = intervals
    }
}
