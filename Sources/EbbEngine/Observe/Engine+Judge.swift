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
        let judgement = Judgement(
            settings: settings, findings: findings, mounts: mounts, catalogue: catalogue,
            now: observation.observedAt)
        return (Classifier.classify(observation.changes, judgement), findings)
    }
}
