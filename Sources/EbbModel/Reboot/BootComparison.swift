/// How a prediction turned out: what the last observation before a boot said would be undone,
/// against what the first one after it found.
package struct BootComparison: Hashable, Sendable, Codable {
    /// Predicted, and undone by the boot.
    package var undone = 0
    /// Of those, how many are there again: something made them anew.
    package var returned = 0
    /// Predicted, but untouched by the boot.
    package var survived = 0
    /// Predicted; what is there now does not show whether the boot undid it.
    package var undetermined = 0
    /// Not predicted: there before the boot without being named, or declared to be kept and lost.
    package var missed = 0
    /// Some of the paths that survived.
    package var survivors: [BytePath] = []
    /// Some of the paths that were missed.
    package var missedPaths: [BytePath] = []
    /// Of those that survived, how many are files as they were, to size and time; `nil`: an older Ebb did not count.
    package var identical: Int?
    /// Some of the paths that are there again.
    package var returnedPaths: [BytePath]?

    package init() {}

    /// Which part of what was predicted, and is determined, came true; `nil` without a prediction.
    package var precision: Double? { Self.part(undone, survived) }

    /// Which part of what happened was predicted; `nil` when nothing happened.
    package var recall: Double? { Self.part(undone, missed) }

    private static func part(_ good: Int, _ bad: Int) -> Double? {
        good + bad == 0 ? nil : Double(good) / Double(good + bad)
    }
}

/// A path that a boot undid, and that was there again soon after it.
package struct PathReturn: Hashable, Sendable {
    /// How it came back.
    package enum Outcome: String, Sendable, Codable, CaseIterable {
        case same, different
        /// It is not known whether its content is the same.
        case unknown
    }

    package let path: BytePath
    package let outcome: Outcome
    /// What it was like after the boot; `nil` where its content is not known.
    package let signature: String?

    package init(path: BytePath, outcome: Outcome, signature: String?) {
        (self.path, self.outcome, self.signature) = (path, outcome, signature)
    }
}

/// What several proven boots in a row have taught about the paths of a host.
package struct LearnedPaths: Hashable, Sendable {
    /// Paths that came back the same each time, and what they are like then.
    package var regenerated: [BytePath: String] = [:]
    /// Paths that came back different after the last boot.
    package var reset: Set<BytePath> = []

    package init() {}
}
