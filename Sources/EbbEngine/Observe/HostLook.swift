package import EbbModel
package import EbbPlan
package import EbbStore
package import EbbTransport

/// One look at one host: what was seen, what it means, and where both are stored.
package struct HostLook: Sendable {
    package let settings: HostSettings
    package let collection: CollectionID
    package let observation: Observation
    /// The changed paths with their verdicts, sorted by path.
    package let entries: [DriftEntry]
    /// Each declared path.
    package let declared: [DeclaredFinding]
    /// What became of the prediction before the boot, where this is the first whole look in it.
    package let comparison: BootComparison?
    /// Why the host was not reached, or its answer was cut short.
    package let transportError: TransportError?
    /// What a boot proves that Ebb did not order and that was met here for the first time.
    package let unorderedBoot: AttemptEnd?
    /// How long the host was talked to.
    package let duration: Duration
}
