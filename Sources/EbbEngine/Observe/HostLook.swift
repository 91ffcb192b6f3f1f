package import EbbModel
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
    /// How long the host was talked to.
    package let duration: Duration
}
