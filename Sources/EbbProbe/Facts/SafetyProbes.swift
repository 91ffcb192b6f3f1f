import EbbModel

/// The questions about what protects a host: snapshots of what is kept, and the erasing itself.
///
/// A host is asked only what concerns it, and no answer is an answer: the fact stays unknown.
enum SafetyProbes {
    static func all(for settings: HostSettings) -> [ProbeScript.Probe] {
        var probes: [ProbeScript.Probe] = []
        let safe = safeDatasets(of: settings)
        if !safe.isEmpty { probes.append(snapshotProbe(safe)) }
        if let root = settings.root, root.strategy != .none {
            probes.append(guardProbe(settings.persist.map(\.mount)))
        }
        return probes
    }

    /// The ZFS datasets that the inventory says are backed up.
    static func safeDatasets(of settings: HostSettings) -> [String] {
        guard settings.root?.strategy == .zfs || settings.persist.contains(where: isOnPool) else {
            return []
        }
        return settings.datasets.filter(\.backup).map(\.name).sorted()
    }

    private static func isOnPool(_ storage: PersistentStorage) -> Bool {
        storage.dataset?.contains("/") == true
    }

    /// Per dataset its name and the newest snapshot's second, or `-`; nothing where `zfs` fails.
    private static func snapshotProbe(_ datasets: [String]) -> ProbeScript.Probe {
        let names = datasets.map(RemoteCommand.quoted).joined(separator: " ")
        let shell =
            "for dataset in \(names); do\n"
                + #"""
                    list=$(zfs list -Hp -t snapshot -d 1 -s creation -o creation -- "$dataset" \
                        2>/dev/null) || continue
                    newest=$(printf '%s\n' "$list" | tail -n 1)
                    printf '%s\t%s\n' "${newest:--}" "$dataset"
                done
                """#
        return .init(name: FactProbes.safeSnapshots, shell: shell)
    }

    /// What is known of the erasing of this boot, and what it does when it fails.
    ///
    /// Ebb's own script leaves a mark in `/run/ebb/erase` and reads its settings from persistent
    /// storage; dracut's ZFS rollback ends in the rescue shell; a root in memory has nothing that a
    /// boot could go on with.
    private static func guardProbe(_ mounts: [String]) -> ProbeScript.Probe {
        let places = mounts.map { RemoteCommand.quoted("\($0)/.ebb/erase.conf") }
            .joined(separator: " ")
        let shell =
            #"""
            if [ -r /run/ebb/erase ]; then printf 'mark '; head -n 1 /run/ebb/erase; fi
            for word in $(cat /proc/cmdline); do
                case $word in
                    bootfs.rollback | bootfs.rollback=*) echo dracut ;;
                    ebb.erase=no) echo skipped ;;
                esac
            done
            """#
            + "\nfor file in \(places); do\n"
                + #"""
                    if [ -r "$file" ]; then
                        printf 'settings '
                        grep '^on_failure=' "$file" || echo
                    fi
                done
                """#
        return .init(name: FactProbes.eraseGuard, shell: shell)
    }
}
