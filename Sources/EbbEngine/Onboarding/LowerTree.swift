import EbbProbe
import EbbSetup

/// The tree under a root that is an overlay on memory.
enum LowerTree {
    /// Takes what makes the overlay out of effect for the next boot.
    ///
    /// Prints `bare` where the root is no overlay, and `overlay` where it still is one until then.
    static func disarm(_ mechanism: EraseMechanism) -> ProbeScript.Probe {
        let change = mechanism == .systemdVolatile ? volatileOff : overlayrootOff
        return ProbeScript.Probe(name: "lower-disarm", shell: functions + change + body, limit: 300)
    }

    /// The settings of overlayroot, which it reads from the lower tree.
    private static let overlayrootOff = #"""
        off() {
            file=$root/etc/overlayroot.local.conf
            [ ! -e "$file" ] || printf 'overlayroot="disabled"\n' | replace "$file"
        }

        """#

    /// The kernel's command line, which `update-grub` writes from where it sees the lower tree as `/`.
    private static let volatileOff =
        "settings=\(EraseKit.commandLineFile)\n" + #"""
            off() {
                file=$root$settings
                grep -q 'systemd\.volatile=overlay"' "$file" 2>/dev/null || return 0
                sed 's/ systemd\.volatile=overlay"/"/' "$file" | replace "$file" || return
                if [ -z "$root" ]; then update-grub >/dev/null; return; fi
                unshare -m sh -ec '
                    for part in dev proc sys boot; do
                        ! mountpoint -q "/$part" || mount --rbind "/$part" "$1/$part"
                    done
                    exec chroot "$1" update-grub' sh "$root" >/dev/null
            }

            """#

    private static let functions = #"""
        replace() { cat >"$1.ebb-new" && sync "$1.ebb-new" && mv "$1.ebb-new" "$1" && sync "${1%/*}"; }

        """#

    private static let body = #"""
        root=
        if [ "$(findmnt -no FSTYPE /)" = overlay ]; then
            root=/media/root-ro
            mountpoint -q "$root" || { echo "the lower tree is not at $root" >&2; exit 1; }
            mount -o remount,rw "$root" || exit 1
        fi
        off || exit 1
        if [ -n "$root" ]; then
            mount -o remount,ro "$root" 2>/dev/null || mount -o remount,bind,ro "$root"
            echo overlay
        else
            echo bare
        fi
        """#
}
