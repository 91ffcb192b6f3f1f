package import EbbModel

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
