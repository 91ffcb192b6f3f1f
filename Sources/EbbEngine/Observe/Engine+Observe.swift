import EbbClassifier
package import EbbModel
import EbbPlan
import EbbProbe
package import EbbStore
import EbbTransport
import FoundationEssentials
import Synchronization

extension Engine {
    /// Looks at a host over one connection, with one script.
    ///
    /// What it sent is stored, then read, then judged.
    ///
    /// A `quick` look at a ZFS root asks `zfs diff`, and is never whole.
    ///
    /// With `triesWrites` it also tries whether the declared paths can be written to; otherwise it only reads.
    ///
    /// A host that cannot be reached gives an observation with a gap; only trouble with the store is thrown.
    ///
    /// Where another process looked at the host meanwhile, and was stored first, the host is asked
    /// again: an answer older than what is known is no answer.
    package func observe(
        _ settings: HostSettings, kind: ObservationKind, quick: Bool = false, triesWrites: Bool = false
    ) async throws(StoreError) -> HostObservation {
        for _ in 1..<3 {
            do throws(StoreError) {
                return try await observeOnce(settings, kind: kind, quick: quick, triesWrites: triesWrites)
            } catch { guard error.code == .outOfOrder else { throw error } }
        }
        return try await observeOnce(settings, kind: kind, quick: quick, triesWrites: triesWrites)
    }

    private func observeOnce(_ settings: HostSettings, kind: ObservationKind, quick: Bool, triesWrites: Bool)
        async throws(StoreError) -> HostObservation
    {
        let begin = clock.now()
        let declared = settings.persistenceSet(catalogue)
        let heard = await listen(to: settings, declared: declared, kind, quick: quick, triesWrites: triesWrites)
        let duration = clock.now() - begin
        let observation = heard.observation

        let observationID = try await store.recordEvidence(
            host: settings.host, kind: kind, at: observation.observedAt, bootID: observation.facts.bootID,
            parts: heard.parts, toolVersion: toolVersion)
        try await store.recordObservation(observationID, observation)
        if let key = heard.hostKey {
            try await store.recordIdentity(host: settings.host, .hostKey, key, at: observation.observedAt)
        }
        try await store.recordPersistenceSet(host: settings.host, declared, from: observation.observedAt)

        let judged = try await judge(observation, settings: settings, declared: declared)
        let comparison = try await compareBoots(observation, observationID, kind: kind, declared: judged.declared)
        let counts = try await store.recordDrift(
            observationID, entries: judged.entries, declared: judged.declared, contents: observation.contents)
        // The proof of an attempt is that attempt's own business.
        var unordered: AttemptEnd?
        if kind != .proof, heard.error == nil {
            unordered = try await judgeUnorderedBoot(settings, observation, declared: judged.declared, comparison)
        }
        return HostObservation(
            settings: settings, observationID: observationID, observation: observation, entries: judged.entries,
            counts: counts, declared: judged.declared, comparison: comparison, transportError: heard.error,
            unorderedBoot: unordered, duration: duration)
    }

    private struct Heard: Sendable {
        let observation: Observation
        let parts: [EvidencePart]
        let hostKey: String?
        let error: TransportError?
    }

    /// What is being received; filled on the connection's thread.
    private struct Receiving: Sendable {
        var parser: ObservationParser
        var tap: EvidenceTap
        var standardError: [UInt8] = []
        static let errorLimit = 64 << 10

        mutating func read(_ bytes: [UInt8]) { Self.read(bytes, &parser, &tap) }

        /// The stream is framed once, for both.
        private static func read(_ bytes: [UInt8], _ parser: inout ObservationParser, _ tap: inout EvidenceTap) {
            parser.feed(bytes) { tap.take($0) }
        }
    }

    private func listen(
        to settings: HostSettings, declared: [PersistenceEntry], _ kind: ObservationKind, quick: Bool, triesWrites: Bool
    ) async -> Heard {
        let script = ObservationScript(
            settings: settings, declared: declared, includingDrift: true, includingCensus: kind == .preflight,
            includingWrites: triesWrites, quick: quick)
        let request = CommandRequest.script(script.bytes, timeout: limits.command).becoming(settings.connection.become)
        let receiving = Mutex(
            Receiving(
                parser: ObservationParser(script, policy: TemporarySpill.policy),
                tap: EvidenceTap(listing: quick ? "zfs-diff" : "drift", policy: TemporarySpill.policy)))
        var failure: TransportError?
        var trouble: ProbeGap?
        var hostKey: String?
        do throws(TransportError) {
            let (end, key) = try await transport.withConnection(to: settings.connection, timeout: limits.connect) {
                connection throws(TransportError) in
                let end = try await connection.stream(request) { chunk in
                    receiving.withLock { receiving in
                        switch chunk {
                        case .standardOutput(let bytes): receiving.read(bytes)
                        case .standardError(let bytes):
                            let room = Receiving.errorLimit - receiving.standardError.count
                            receiving.standardError += bytes.prefix(max(0, room))
                        }
                    }
                }
                return (end, connection.hostKey)
            }
            hostKey = "\(key.algorithm) \(key.fingerprint)"
            if !end.isSuccess {
                let said = receiving.withLock { ProbeResult.message($0.standardError) }
                trouble = ProbeGap(probe: "session", reason: .failed, message: said)
            }
        } catch {
            failure = error
            let reason: ProbeGap.Reason = error.code.isBeforeCommand ? .unreachable : .truncated
            trouble = ProbeGap(
                probe: error.phase.rawValue, reason: reason, message: "\(error.message) (\(error.code.rawValue))")
        }
        let now = clock.date()
        return receiving.withLock { receiving in
            var observation = receiving.parser.finish(observedAt: now, trouble: trouble)
            if let failure = receiving.tap.trouble {
                observation.gaps.append(ProbeGap(probe: "evidence", reason: .failed, message: failure.message))
            }
            // Of a host that was not reached every other gap says the same in more words.
            if let trouble, trouble.reason == .unreachable { observation.gaps = [trouble] }
            return Heard(
                observation: observation, parts: receiving.tap.parts(standardError: receiving.standardError),
                hostKey: hostKey, error: failure)
        }
    }
}

extension Engine {
    /// What an observation means: each declared path, and each changed one.
    func judge(_ observation: Observation, settings: HostSettings, declared: [PersistenceEntry])
        async throws(StoreError) -> (entries: JudgedChanges, declared: [DeclaredFinding])
    {
        let mounts = observation.facts.mounts
        var findings = DeclaredJudge(settings: settings, mounts: mounts).findings(
            declared, states: observation.declared)
        if let writes = observation.writes { findings = findings.map { $0.tried(writes[$0.entry.path]) } }
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
