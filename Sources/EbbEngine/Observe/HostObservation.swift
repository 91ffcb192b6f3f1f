package import EbbClassifier
package import EbbModel
package import EbbPlan
package import EbbStore
package import EbbTransport

/// One look at one host: what was seen, what it means, and where both are stored.
package struct HostObservation: Sendable {
    package let settings: HostSettings
    package let observationID: ObservationID
    package let observation: Observation
    /// The changed paths with their verdicts.
    package let entries: JudgedChanges
    package let counts: DriftCounts
    /// Each declared path.
    package let declared: [DeclaredFinding]
    /// What became of the prediction before the boot, where this is the first complete observation in it.
    package let comparison: BootComparison?
    /// Why the host was not reached, or its answer was cut short.
    package let transportError: TransportError?
    /// What a boot proves that Ebb did not order and that was met here for the first time.
    package let unorderedBoot: AttemptEnd?
    /// How long the host was talked to.
    package let duration: Duration

    /// The entries that are wanted, in memory.
    package func entries(where isWanted: (DriftEntry) -> Bool) throws(StoreError) -> [DriftEntry] {
        try reading { try entries.entries(where: isWanted) }
    }

    /// The first entry that is wanted.
    package func first(where isWanted: (DriftEntry) -> Bool) throws(StoreError) -> DriftEntry? {
        var first: DriftEntry?
        try reading { try entries.forEachEntry { if first == nil, isWanted($0) { first = $0 } } }
        return first
    }

    /// What to declare or to accept so that the unexplained paths are accounted for.
    package func proposals(_ catalogue: Catalogue) throws(StoreError) -> [Proposal] {
        try reading {
            try Proposal.all(
                for: entries, catalogue: catalogue, declared: settings.persistenceSet(catalogue), on: settings.persist)
        }
    }

    private func reading<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do { return try body() } catch { throw StoreError(.io, "the changes cannot be read again", cause: error) }
    }
}
