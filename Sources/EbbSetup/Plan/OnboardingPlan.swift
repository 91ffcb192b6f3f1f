package import EbbModel

/// What moving a host over would do, before anything is done.
package struct OnboardingPlan: Hashable, Sendable {
    package let host: HostName
    /// Mechanisms and what stands in their way.
    package let offers: [EraseOffer]
    /// The mechanism that is used; `nil` when none is offered for the declared strategy.
    package let mechanism: EraseMechanism?
    /// `nil` where the strategy has no datasets.
    package let datasets: DatasetPlan?
    /// The declared paths, presets expanded.
    package let persistence: [PersistenceEntry]
    /// What would be lost if the host were erased now: paths nobody accounted for.
    package let atRisk: [DriftEntry]
    /// Whether everything on the host was seen.
    package let isComplete: Bool

    package init(
        settings: HostSettings, survey: HostSurvey, facts: HostFacts, datasets: DatasetPlan?, drift: [DriftEntry],
        isComplete: Bool
    ) {
        host = settings.host
        offers = EraseOffer.offers(for: survey, mounts: facts.mounts, root: settings.root)
        let usable = offers.filter { $0.obstacle == nil }.map(\.mechanism)
        mechanism = usable.first { Self.strategies[$0]?.contains(settings.root?.strategy) == true }
        self.datasets = datasets
        persistence = settings.persistence.sorted { $0.path < $1.path }
        // What would hurt most comes first: the text shows only so many.
        let order = StateClass.allCases
        let rank = { (entry: DriftEntry) in order.firstIndex(of: entry.stateClass) ?? order.count }
        atRisk = drift.filter(\.verdict.isAtRisk).sorted { (rank($0), $0.change.path) < (rank($1), $1.change.path) }
        self.isComplete = isComplete
    }

    private static let strategies: [EraseMechanism: [Strategy?]] = [
        .initramfsZFS: [.zfs], .dracutZFS: [.zfs], .initramfsBtrfs: [.btrfs], .initramfsMkfs: [.mkfs],
        .initramfsTmpfs: [.tmpfs], .overlayroot: [.overlay], .systemdVolatile: [.overlay],
        .nixos: [.zfs, .btrfs, .tmpfs],
    ]

    /// The plan as lines for a person.
    package var text: String {
        var lines = ["\(host.text): erase mechanisms"]
        for offer in offers {
            let mark = offer.mechanism == mechanism ? "use" : offer.obstacle == nil ? "can" : "no "
            lines.append("  \(mark)  \(offer.mechanism.rawValue)\(offer.obstacle.map { ": " + $0 } ?? "")")
        }
        lines.append("would be lost today: \(atRisk.count) paths" + (isComplete ? "" : ", or more: not all was seen"))
        for entry in atRisk.prefix(20) {
            lines.append("  \(entry.change.path.printable)  \(entry.stateClass.rawValue)")
        }
        if atRisk.count > 20 { lines.append("  … and \(atRisk.count - 20) more") }
        lines.append("persistence set: \(persistence.count) paths")
        for entry in persistence { lines.append("  \(entry.mechanism.rawValue)  \(entry.path)") }
        lines.append("steps")
        for (index, step) in OnboardingStep.allCases.enumerated() {
            lines.append("  \(index + 1) \(step.rawValue); undone: \(step.undoing)")
        }
        let head = lines.map { PrintableText.line($0) + "\n" }.joined()
        return head + (datasets.map { "datasets\n" + $0.text } ?? "")
    }
}
