import EbbProbe

/// The tree under an overlay root that overlayroot made.
enum LowerTree {
    /// Takes overlayroot out of effect for the next boot.
    ///
    /// Prints `bare` where the root is no overlay, and `overlay` where it still is one until then.
    static let disarm = ProbeScript.Probe(
        name: "lower-disarm",
        shell: #"""
            type=$(findmnt -no FSTYPE /)
            root=
            if [ "$type" = overlay ]; then
                root=/media/root-ro
                mountpoint -q "$root" || { echo "the lower tree is not at $root" >&2; exit 1; }
                mount -o remount,rw "$root" || exit 1
            fi
            file=$root/etc/overlayroot.local.conf
            if [ -e "$file" ]; then
                printf 'overlayroot="disabled"\n' >"$file.ebb-new" && sync "$file.ebb-new" \
                    && mv "$file.ebb-new" "$file" && sync "${file%/*}" || exit 1
            fi
            if [ -n "$root" ]; then
                mount -o remount,ro "$root"
                echo overlay
            else
                echo bare
            fi
            """#)
}
