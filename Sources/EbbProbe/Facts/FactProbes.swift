package import EbbModel

/// The questions behind `HostFacts`.
package enum FactProbes {
    static let bootID = "boot-id"
    static let machineID = "machine-id"
    static let kernel = "kernel"
    static let system = "os-release"
    static let clock = "clock"
    static let uptime = "uptime"
    static let mounts = "mounts"
    static let systemState = "system-state"
    static let failedUnits = "failed-units"
    static let rootIdentity = "root-identity"
    static let storage = "storage"
    static let safeSnapshots = "safe-snapshots"
    static let eraseGuard = "erase-guard"

    /// All of them, for one host.
    package static func all(for settings: HostSettings) -> [ProbeScript.Probe] {
        [
            .init(name: bootID, shell: "cat /proc/sys/kernel/random/boot_id"),
            .init(
                name: machineID, shell: "if [ -s /etc/machine-id ]; then cat /etc/machine-id; fi"),
            .init(name: kernel, shell: "uname -r"),
            .init(
                name: system,
                shell: """
                    for file in /etc/os-release /usr/lib/os-release; do
                        if [ -e "$file" ]; then cat "$file"; break; fi
                    done
                    """),
            .init(name: clock, shell: "date +%s.%N"),
            .init(name: uptime, shell: "cat /proc/uptime"),
            .init(name: mounts, shell: "cat /proc/self/mountinfo"),
            // A state other than `running` is an answer, not a failure, whatever the status says.
            .init(
                name: systemState,
                shell: """
                    if [ -d /run/systemd/system ]; then systemctl is-system-running || :; fi
                    """),
            .init(
                name: failedUnits,
                shell: """
                    if [ -d /run/systemd/system ]; then
                        echo systemd
                        systemctl list-units --state=failed --no-legend --plain --full --no-pager
                    fi
                    """),
            rootIdentityProbe(blank: settings.root?.blank),
            storageProbe(settings.persist.map(\.mount)),
        ] + SafetyProbes.all(for: settings)
    }

    /// Block size, blocks, free blocks for users, inodes, free inodes: one line per mount.
    private static func storageProbe(_ mounts: [String]) -> ProbeScript.Probe {
        let lines = mounts.map { mount in
            RemoteCommand("stat", "-f", "-c", "%S %b %a %c %d", "--", mount).shellLine
        }
        return .init(name: storage, shell: lines.isEmpty ? ":" : lines.joined(separator: "\n"))
    }

    /// What a fresh root cannot share with the one before it.
    ///
    /// The birth time of `/` is there for every file system that keeps one; each strategy adds its
    /// own. A tool that is missing takes its part away, and nothing else.
    private static func rootIdentityProbe(blank: String?) -> ProbeScript.Probe {
        let shell =
            "blank=" + RemoteCommand.quoted(blank ?? "") + "\n"
                + #"""
                while read -r id parent device root point rest; do
                    [ "$point" = / ] || continue
                    rest=${rest#*" - "}
                    set -- $rest
                    type=$1 source=$2 options=${3-} number=$device
                done </proc/self/mountinfo
                printf '%s' "$type"
                born=$(stat -c %W / 2>/dev/null) && [ "${born:-0}" -gt 0 ] 2>/dev/null &&
                    printf ' born=%s' "$born"
                # What Ebb's script in the initramfs copied the root from.
                copied() {
                    from=$(sed -n '1s/^erased: .* //p' /run/ebb/erase 2>/dev/null)
                    [ -z "$from" ] || printf ' blank=%s' "$from"
                }
                case $type in
                    btrfs)
                        btrfs subvolume show / 2>/dev/null | sed -n \
                            -e 's/^[[:space:]]*UUID:[[:space:]]*/ uuid=/p' \
                            -e 's/^[[:space:]]*Parent UUID:[[:space:]]*/ parent=/p' \
                            -e 's/^[[:space:]]*Creation time:[[:space:]]*/ created=/p' | tr -d '\n'
                        ;;
                    zfs)
                        zfs get -Hp -o value guid,createtxg "$source@$blank" 2>/dev/null | {
                            read -r guid && read -r txg && printf ' guid=%s createtxg=%s' "$guid" "$txg"
                        }
                        printf ' rollback='
                        zpool history -i "${source%%/*}" 2>/dev/null | grep rollback | tail -n 1 |
                            tr -d '\n'
                        ;;
                    overlay)
                        upper=${options#*upperdir=}
                        [ "$upper" = "$options" ] || upper=${upper%%,*}
                        printf ' upper=%s' "$upper"
                        kind=$(stat -f -c %T -- "$upper" 2>/dev/null) && printf ' type=%s device=%s' \
                            "$kind" "$(stat -c %d -- "$upper" 2>/dev/null)"
                        ;;
                    tmpfs | ramfs | rootfs) printf ' device=%s' "$number" && copied ;;
                    *)
                        uuid=$(findmnt -n -o UUID / 2>/dev/null) && printf ' uuid=%s' "$uuid"
                        copied
                        ;;
                esac
                echo
                """#
        return .init(name: rootIdentity, shell: shell)
    }
}
