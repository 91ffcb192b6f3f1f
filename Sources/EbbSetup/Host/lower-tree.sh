# shellcheck shell=sh
# Takes what makes the root an overlay on memory out of effect for the next boot. $mechanism:
# `systemd-volatile`, whose settings are the kernel's command line, or `overlayroot`. Prints `bare`
# where the root is no overlay, and `overlay` where it still is one until then.
replace() { cat >"$1.ebb-new" && sync "$1.ebb-new" && mv "$1.ebb-new" "$1" && sync "${1%/*}"; }

off() {
    file=$root$settings
    [ -e "$file" ] || return 0
    if [ "$mechanism" = overlayroot ]; then
        printf 'overlayroot="disabled"\n' | replace "$file"
        return
    fi
    grep -q 'systemd\.volatile=overlay"' "$file"
    case $? in
        0) ;;
        1) return 0 ;;
        *) return 1 ;;
    esac
    sed 's/ systemd\.volatile=overlay"/"/' "$file" | replace "$file" || return
    if [ -z "$root" ]; then update-grub >/dev/null; return; fi
    # What update-grub writes comes from where it sees the lower tree as `/`.
    unshare -m sh -ec '
        for part in dev proc sys boot; do
            ! mountpoint -q "/$part" || mount --rbind "/$part" "$1/$part"
        done
        exec chroot "$1" update-grub' sh "$root" >/dev/null
}

root=''
type=$(findmnt -no FSTYPE /) || exit 1
if [ "$type" = overlay ]; then
    root=/media/root-ro
    mountpoint -q "$root" || { echo "the lower tree is not at $root" >&2; exit 1; }
    mount -o remount,rw "$root" || exit 1
fi
off || exit 1
if [ -n "$root" ]; then
    # A file system that others hold open for writing stays so; this view of it need not.
    mount -o remount,ro "$root" 2>/dev/null || mount -o remount,bind,ro "$root" || exit 1
    echo overlay
else
    echo bare
fi
