import EbbClassifier
import EbbModel
import EbbStore

extension Engine {
    /// What an observation means: each declared path, and each changed one.
    func judge(_ observation: Observation, settings: HostSettings, declared: [PersistenceEntry])
        async throws(StoreError) -> (entries: JudgedChanges, declared: [DeclaredFinding])
    {
        let mounts = observation.facts.mounts
        let findings = DeclaredJudge(settings: settings, mounts: mounts).findings(
            declared, states: observation.declared)
        let learned = try await store.learnedPaths(of: settings.host, boots: limits.regeneratedAfter)
        let (regenerated, reset) = try Self.apply(learned, to: observation)
        var judgement = Judgement(
            settings: settings, findings: findings, mounts: mounts, catalogue: catalogue, regenerated: regenerated,
            reset: reset, now: observation.observedAt)
        (judgement.managed, judgement.keys) = (observation.managed, observation.keys)
        (judgement.erased, judgement.originals) = (observation.erased, observation.originals)
        return (JudgedChanges(observation.changes, judgement), findings)
    }

    /// What comes back by itself is only regenerated while it is as it will be again; what somebody
    /// has changed since is lost by the next boot.
    private static func apply(_ learned: LearnedPaths, to observation: Observation) throws(StoreError) -> (
        regenerated: Set<BytePath>, reset: Set<BytePath>
    ) {
        guard !learned.regenerated.isEmpty else { return ([], learned.reset) }
        var regenerated: Set<BytePath> = []
        var reset = learned.reset
        var changes = observation.changes.cursor()
        while let change = try Self.stored({ () throws(SpillError) in try changes.next() }) {
            guard let signature = learned.regenerated[change.path] else { continue }
            let now = PathSignature.text(of: change, content: observation.contents[change.path])
            if now == signature { regenerated.insert(change.path) } else { reset.insert(change.path) }
        }
        return (regenerated, reset)
    }

    /// What was put aside and cannot be had back is as bad as a database that cannot be read.
    private static func stored<Value>(_ body: () throws(SpillError) -> Value) throws(StoreError) -> Value {
        do throws(SpillError) { return try body() } catch { throw StoreError(.io, error.message, cause: error) }
    }

    /// Puts the prediction of the last observation before a boot to the test, in the first one after it.
    func compareBoots(
        _ observation: Observation, _ id: ObservationID, kind: ObservationKind, declared: [DeclaredFinding]
    ) async throws(StoreError) -> BootComparison? {
        guard observation.isComplete, let boot = observation.facts.bootID,
            let prediction = try await store.prediction(for: observation.host, before: boot)
        else { return nil }
        var comparer = BootComparer(
            BootComparer.Before(clock: prediction.clock, contents: prediction.contents, declared: prediction.declared),
            after: observation)
        var page = try await store.openDrift(of: observation.host, limit: 2_000)
        while !page.isEmpty {
            for open in page { try Self.stored { () throws(SpillError) in try comparer.take(open.entry) } }
            page = try await store.openDrift(of: observation.host, after: page.last, limit: 2_000)
        }
        let (comparison, returns) = try Self.stored { () throws(SpillError) in try comparer.finish(declared: declared) }
        try await store.recordComparison(
            host: observation.host, boot, predictedBy: prediction.observation, foundBy: id, comparison,
            returns: returns, isProof: kind == .proof)
        return comparison
    }
}
