import EbbClassifier
import EbbModel
import EbbStore

extension Engine {
    /// What an observation means: each declared path, and each changed one.
    func judge(
        _ observation: Observation, settings: HostSettings, declared: [PersistenceEntry]
    ) async throws(StoreError) -> (entries: [DriftEntry], declared: [DeclaredFinding]) {
        let mounts = observation.facts.mounts
        let findings = DeclaredJudge(settings: settings, mounts: mounts)
            .findings(declared, states: observation.declared)
        let learned = try await store.learnedPaths(
            of: settings.host, boots: limits.regeneratedAfter)
        let (regenerated, reset) = Self.apply(learned, to: observation)
        var judgement = Judgement(
            settings: settings, findings: findings, mounts: mounts, catalogue: catalogue,
            regenerated: regenerated, reset: reset, now: observation.observedAt)
        judgement.managed = observation.managed
        return (Classifier.classify(observation.changes, judgement), findings)
    }

    /// What comes back by itself is only regenerated while it is as it will be again; what somebody
    /// has changed since is lost by the next boot.
    private static func apply(
        _ learned: LearnedPaths, to observation: Observation
    ) -> (regenerated: Set<BytePath>, reset: Set<BytePath>) {
        guard !learned.regenerated.isEmpty else { return ([], learned.reset) }
        var regenerated: Set<BytePath> = []
        var reset = learned.reset
        for change in observation.changes {
            guard let signature = learned.regenerated[change.path] else { continue }
            let now = PathSignature.text(of: change, content: observation.contents[change.path])
            if now == signature {
                regenerated.insert(change.path)
            } else {
                reset.insert(change.path)
            }
        }
        return (regenerated, reset)
    }

    /// Puts the prediction of the last look before a boot to the test, in the first look after it.
    func compareBoots(
        _ observation: Observation, _ collection: CollectionID, kind: CollectionKind,
        declared: [DeclaredFinding]
    ) async throws(StoreError) -> BootComparison? {
        guard observation.isComplete, let boot = observation.facts.bootID,
            let prediction = try await store.prediction(for: observation.host, before: boot)
        else { return nil }
        let (comparison, returns) = BootComparer.compare(
            BootComparer.Before(
                clock: prediction.clock, entries: prediction.entries,
                contents: prediction.contents, declared: prediction.declared),
            after: observation, declared: declared)
        try await store.recordComparison(
            host: observation.host, boot, predictedBy: prediction.collection, foundBy: collection,
            comparison, returns: returns, isProof: kind == .proof)
        return comparison
    }
}
