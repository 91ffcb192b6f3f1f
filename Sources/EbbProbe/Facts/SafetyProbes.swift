import EbbModel

/// The questions about what protects a host: snapshots of what is kept, and the erasing itself.
///
/// A host is asked only what concerns it, and no answer is an answer: the fact stays unknown.
enum SafetyProbes {
    static func all(for settings: HostSettings) -> [ProbeScript.Probe] {
        var probes: [ProbeScript.Probe] = []
        let safe = safeDatasets(of: settings)
        if !safe.isEmpty {
            probes.append(
                .init(
                    name: FactProbes.safeSnapshots, shell: HostScript(PackageResources.safe_snapshots_sh, words: safe)))
        }
        if let root = settings.root, root.strategy != .none {
            let files = settings.persist.map { "\($0.mount)/.ebb/erase.conf" }
            probes.append(
                .init(name: FactProbes.eraseGuard, shell: HostScript(PackageResources.erase_guard_sh, words: files)))
        }
        return probes
    }

    /// The ZFS datasets that the inventory says are backed up.
    static func safeDatasets(of settings: HostSettings) -> [String] {
        guard settings.root?.strategy == .zfs || settings.persist.contains(where: isOnPool) else { return [] }
        return settings.datasets.filter(\.backup).map(\.name).sorted()
    }

    private static func isOnPool(_ storage: PersistentStorage) -> Bool { storage.dataset?.contains("/") == true }
}
