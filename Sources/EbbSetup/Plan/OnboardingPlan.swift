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

/// Whether a host can be offered one erase mechanism, and why not.
package struct EraseOffer: Hashable, Sendable {
    package let mechanism: EraseMechanism
    /// One sentence that says why not and names the cure where there is one; `nil`: it is offered.
    package let obstacle: String?

    /// All mechanisms, the offered ones first.
    package static func offers(for survey: HostSurvey, mounts: [Mount], root: RootSettings?) -> [EraseOffer] {
        let fileSystem = mounts.last { $0.mountPoint == BytePath("/") }?.fileSystem
        let hasOwnBoot = mounts.contains { $0.mountPoint == BytePath("/boot") }
        let all = EraseMechanism.allCases.map { mechanism in
            EraseOffer(
                mechanism: mechanism,
                // A root that goes back to its blank takes `/boot` along, and the initramfs in it, which knew
                // nothing of that blank yet.
                obstacle: obstacle(mechanism, survey, fileSystem, root)
                    ?? (mechanism.goesBackToBlank && !hasOwnBoot
                        ? "/boot lies on the root: give it a file system, dataset or subvolume of its own" : nil))
        }
        return all.filter { $0.obstacle == nil } + all.filter { $0.obstacle != nil }
    }

    private static func obstacle(
        _ mechanism: EraseMechanism, _ survey: HostSurvey, _ fileSystem: String?, _ root: RootSettings?
    ) -> String? {
        guard let fileSystem else { return "it is not known what is mounted at /" }
        if survey.initramfs == .nixos, mechanism != .nixos {
            return "this is a NixOS host: its configuration stays the one source"
        }
        switch mechanism {
        case .initramfsZFS:
            if fileSystem != "zfs" { return "the root is \(fileSystem), not ZFS" }
            if survey.initramfs != .initramfsTools { return "the initramfs is not initramfs-tools'" }
        case .initramfsBtrfs:
            if fileSystem != "btrfs" { return "the root is \(fileSystem), not btrfs" }
            if survey.initramfs != .initramfsTools { return "the initramfs is not initramfs-tools'" }
            if root?.subvolume == nil { return "the root must be a subvolume of its own: ebb.root.subvolume" }
        case .initramfsMkfs:
            if fileSystem != "ext4" { return "the root is \(fileSystem), not ext4" }
            return copyObstacle(survey, root)
        case .initramfsTmpfs:
            if fileSystem == "zfs" { return "a root on ZFS is not mounted by the script that this follows" }
            return copyObstacle(survey, root)
        case .overlayroot:
            if survey.initramfs != .initramfsTools { return "the initramfs is not initramfs-tools'" }
            if !survey.hasOverlayroot { return "the package overlayroot is not installed" }
            if fileSystem == "zfs" { return "overlayroot cannot mount a root on ZFS" }
        case .systemdVolatile:
            if survey.hasSystemdInitrd != true {
                return "systemd.volatile=overlay needs an initramfs with systemd in it"
            }
            if survey.loader != .grub { return "the kernel command line is not set through GRUB" }
            if fileSystem == "zfs" { return "the tree below an overlay on ZFS could not be shown" }
        case .dracutZFS:
            if fileSystem != "zfs" { return "the root is \(fileSystem), not ZFS" }
            if survey.initramfs != .dracut { return "the initramfs is not dracut's" }
            let parts = (survey.zfs ?? "").split(separator: ".").compactMap { Int($0) }
            if parts.count < 2 || (parts[0], parts[1]) < (2, 2) {
                return "before OpenZFS 2.2 the rollback was not ordered before the root's mount"
            }
        case .nixos: if survey.initramfs != .nixos { return "this is no NixOS host" }
        }
        return nil
    }

    /// What keeps a root from being copied out of a directory at each boot.
    private static func copyObstacle(_ survey: HostSurvey, _ root: RootSettings?) -> String? {
        if survey.initramfs != .initramfsTools { return "the initramfs is not initramfs-tools'" }
        if root?.blank?.hasPrefix("/") != true {
            return "ebb.root.blank must name a directory on persistent storage for the blank"
        }
        return nil
    }
}
