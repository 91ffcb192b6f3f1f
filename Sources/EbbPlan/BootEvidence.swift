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
    /// What this database knows of tokens that lie where others were expected; those of others are not in it.
    package var origins: [String: CanaryToken.Origin] = [:]
    /// Other controllers that have left canaries on the host.
    package var foreign: [String] = []
    /// The declared paths as judged after the boot.
    package var declared: [DeclaredFinding]
    /// What became of the content of each declared path.
    package var census: [CensusFinding]
    /// The root as it is declared.
    package var root: RootSettings?
    /// What identified the blank when it was recorded; `nil`: nobody did.
    package var recordedBlank: String?
    /// What the blank holds where the root's canary was left; `nil`: it cannot be looked into.
    package var blankCanary: CanaryReading?
    /// By mount point, whether a place that the boot erases holds what is older than the boot.
    package var holdsOlder: [String: Bool] = [:]
    /// What places that the boot erases hold that is older than the place itself, an example of it.
    package var nested: [String: BytePath] = [:]
    /// What became of the prediction before the boot, where there was one.
    package var comparison: BootComparison?
    /// Whether anything is declared that a boot must keep.
    package var keepsNothing: Bool
    /// Questions of the proof that were not answered.
    package var gaps: [ProbeGap]

    /// Mount points, beside `/`, that the boot erases.
    var places: [String] { canaries.filter { $0.kind == .negative && $0.mount != "/" }.map(\.mount) }

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
