package import EbbModel
package import EbbProbe
import FoundationEssentials

/// Mounts a host's persistent storage now and at every boot, and installs what puts its persistence
/// set in effect; or takes the latter away again.
package enum PersistSetup {
    /// The name of both probes.
    package static let probeName = "persist-setup"

    /// Why the declaration cannot be carried out, in words that name the cure; `nil` when it can.
    package static func obstacle(_ settings: HostSettings) -> String? {
        if settings.persist.isEmpty {
            return "no persistent storage is declared: ebb: {persist: [{mount: /persist}]}"
        }
        for storage in settings.persist where !isPlain(storage.mount) {
            return "\(storage.mount) is no plain absolute path: letters, digits and /._- only"
        }
        return nil
    }

    /// Sets a host up; doing it again changes nothing.
    ///
    /// It prints `yes` or `no`: whether it changed something.
    ///
    /// A storage that is no declared dataset must be in `/etc/fstab` already: Ebb makes no file
    /// system, and does not choose a device.
    package static func probe(_ settings: HostSettings, limit: Int = 300) -> ProbeScript.Probe {
        var shell = "changed=no\n" + functions
        if settings.root?.strategy == .btrfs, let top = settings.root?.top {
            shell += "btrfs_place 5 \(RemoteCommand.quoted(top)) subvolid=5\n"
        }
        for storage in settings.persist {
            let mount = RemoteCommand.quoted(storage.mount)
            let dataset = RemoteCommand.quoted(storage.dataset ?? "")
            switch settings.root?.strategy {
            case .zfs where storage.dataset != nil: shell += "zfs_place \(dataset) \(mount)\n"
            case .btrfs where storage.dataset != nil:
                shell += "btrfs_place \(dataset) \(mount) subvol=\(dataset)\n"
            default: shell += "place \(mount)\n"
            }
        }
        for file in files(settings) {
            let content = Data(file.content.utf8).base64EncodedString()
            shell += "put \(RemoteCommand.quoted(file.path)) \(String(file.mode, radix: 8)) "
            shell += "\(content)\n"
        }
        for number in settings.persist.indices {
            shell += "enable \(RemoteCommand.quoted(HostFiles.unitPath(number))) "
            shell += "\(RemoteCommand.quoted(HostFiles.unitWant(number)))\n"
        }
        shell += "[ \"$changed\" = no ] || systemctl daemon-reload || exit 1\n"
        shell += "printf '%s\\n' \"$changed\"\n"
        return ProbeScript.Probe(name: probeName, shell: shell, limit: limit)
    }

    /// Removes what puts the set in effect; the storage, and what is on it, stay.
    package static func undo(_ settings: HostSettings, limit: Int = 120) -> ProbeScript.Probe {
        let paths =
            settings.persist.indices.flatMap { [HostFiles.unitWant($0), HostFiles.unitPath($0)] }
            + [HostFiles.persistScriptPath]
        let words = paths.map(RemoteCommand.quoted).joined(separator: " ")
        return ProbeScript.Probe(
            name: probeName, shell: "rm -f -- \(words) && systemctl daemon-reload", limit: limit)
    }

    /// What must be in the blank for declared paths to come back.
    package static func files(_ settings: HostSettings) -> [HostFile] {
        [
            HostFile(
                path: HostFiles.persistScriptPath, mode: 0o755, content: HostFiles.persistScript)
        ]
            + settings.persist.enumerated().map { number, storage in
                HostFile(
                    path: HostFiles.unitPath(number), mode: 0o644,
                    content: HostFiles.persistUnit(storage: storage.mount))
            }
    }

    private static func isPlain(_ path: String) -> Bool {
        path.hasPrefix("/") && path.count > 1 && !path.contains("//")
            && path.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// `/etc/fstab` is written beside its place and renamed, so that no cut leaves half of it.
    private static let functions = #"""
        stop() {
            echo "$*" >&2
            exit 1
        }
        in_fstab() { findmnt --fstab -n -M "$1" >/dev/null 2>&1; }
        add_to_fstab() {
            cat /etc/fstab >/etc/fstab.ebb-new \
                && printf '%s\n' "$1" >>/etc/fstab.ebb-new \
                && chmod --reference=/etc/fstab /etc/fstab.ebb-new \
                && sync /etc/fstab.ebb-new && mv /etc/fstab.ebb-new /etc/fstab && sync /etc || exit 1
            changed=yes
            systemctl daemon-reload
        }
        mount_here() {
            ! mountpoint -q "$1" || return 0
            mkdir -p -m 755 -- "$1" || exit 1
            mount "$1" || stop "$1 cannot be mounted"
            changed=yes
        }
        place() {
            in_fstab "$1" || systemctl cat "$(systemd-escape -p --suffix=mount "$1")" 2>/dev/null \
                | grep -q '^What=' || stop "nothing mounts $1 at boot: make a file system for it, add" \
                "it to /etc/fstab, and try again"
            mount_here "$1"
        }
        zfs_place() {
            there=$(findmnt -no SOURCE -M "$2")
            [ -z "$there" ] || [ "$there" = "$1" ] || stop "$2 holds $there, not $1"
            point=$(zfs get -Hp -o value mountpoint "$1") || exit 1
            case $point in
                legacy)
                    in_fstab "$2" || add_to_fstab "$1 $2 zfs defaults 0 0"
                    mount_here "$2"
                    ;;
                "$2")
                    if [ -z "$there" ]; then
                        zfs mount "$1" || exit 1
                        changed=yes
                    fi
                    ;;
                *) stop "$1 has mountpoint=$point, and $2 is declared: set one or the other" ;;
            esac
        }
        # $1: the subvolume, for its check; $3: how it is mounted.
        btrfs_place() {
            if ! in_fstab "$2"; then
                device=$(findmnt --fstab -no SOURCE -M /)
                [ -n "$device" ] || device=$(findmnt -no SOURCE / | sed 's/\[.*//')
                add_to_fstab "$device $2 btrfs $3 0 0"
            fi
            mount_here "$2"
            [ "$(stat -c %i "$2/.")" = 256 ] || stop "$2 holds no subvolume"
        }
        put() {
            if printf %s "$3" | base64 -d | cmp -s - "$1" && [ "$(stat -c %a "$1")" = "$2" ]; then
                return
            fi
            mkdir -p -m 755 -- "${1%/*}" && printf %s "$3" | base64 -d >"$1.ebb-new" \
                && chmod "$2" -- "$1.ebb-new" && sync "$1.ebb-new" && mv -- "$1.ebb-new" "$1" \
                && sync "${1%/*}" || exit 1
            changed=yes
        }
        enable() {
            [ "$(readlink -- "$2")" != "$1" ] || return 0
            mkdir -p -m 755 -- "${2%/*}" && ln -sfn -- "$1" "$2" && sync "${2%/*}" || exit 1
            changed=yes
        }

        """#
}
