package import EbbModel
package import FoundationEssentials

/// Everything that a verdict about a path depends on, besides the path.
package struct Judgement: Sendable {
    /// The expanded persistence set, judged.
    package var findings: [DeclaredFinding]
    /// The mounts of the same observation.
    package var mounts: [Mount]
    /// Losses that a person accepted.
    package var acceptances: [Acceptance]
    package var catalogue: Catalogue
    /// Where state survives: mount points.
    package var persist: [String]
    /// Paths that came back by themselves, identical, after enough proven boots.
    package var regenerated: Set<BytePath>
    /// Paths that came back by themselves, but different.
    package var reset: Set<BytePath>
    /// Paths that the system says it makes itself.
    package var managed: Set<BytePath> = []
    /// The day that decides whether an acceptance is still in force.
    package var today: CalendarDate

    package init(
        settings: HostSettings, findings: [DeclaredFinding], mounts: [Mount], catalogue: Catalogue = .builtIn,
        regenerated: Set<BytePath> = [], reset: Set<BytePath> = [], now: Date
    ) {
        (self.findings, self.mounts, self.catalogue, self.regenerated) = (findings, mounts, catalogue, regenerated)
        self.reset = reset
        acceptances = settings.accept
        persist = settings.persist.map(\.mount)
        today = CalendarDate(daysSinceEpoch: Int((now.timeIntervalSince1970 / 86_400).rounded(.down)))
    }
}

/// The changes of one observation with their verdicts, which are reached while the list is read.
package struct JudgedChanges: DriftSource {
    private let changes: ChangeList
    private let judgement: Judgement

    package init(_ changes: ChangeList, _ judgement: Judgement) {
        (self.changes, self.judgement) = (changes, judgement)
    }

    /// Calls `body` with each change and its verdict, in order; each call judges anew.
    package func forEachEntry(_ body: (DriftEntry) throws -> Void) throws {
        var classifier = Classifier(judgement)
        try changes.forEach { try body(classifier.classify($0)) }
    }
}
