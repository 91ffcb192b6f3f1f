package import EbbModel

/// What is known about one reboot: the host before it, the host after it, and the canaries.
package struct BootEvidence: Hashable, Sendable, Codable {
    /// How the inventory says that the root is erased.
    package var strategy: Strategy
    package var before: HostFacts
    package var after: HostFacts
    /// The strategy that the mounts show after the boot; `nil` when they could not be read.
    package var observedStrategy: Strategy?
    package var canaries: [Canary]
    /// One reading per canary, in the same order.
    package var readings: [CanaryReading]
    /// The declared paths as judged after the boot.
    package var declared: [DeclaredFinding]
    /// What became of the content of each declared path.
    package var census: [CensusFinding]
    /// Whether anything is declared that a boot must keep.
    package var keepsNothing: Bool
    /// Questions of the proof that were not answered.
    package var gaps: [ProbeGap]

    package init(
        strategy: Strategy, before: HostFacts, after: HostFacts, observedStrategy: Strategy?, canaries: [Canary],
        readings: [CanaryReading], declared: [DeclaredFinding], census: [CensusFinding] = [],
        keepsNothing: Bool = false, gaps: [ProbeGap] = []
    ) {
        (self.strategy, self.before, self.after, self.observedStrategy) = (strategy, before, after, observedStrategy)
        (self.canaries, self.readings, self.declared, self.gaps) = (canaries, readings, declared, gaps)
        (self.census, self.keepsNothing) = (census, keepsNothing)
    }
}
