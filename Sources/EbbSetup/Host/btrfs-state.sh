# shellcheck shell=sh
# The subvolumes of the file system whose top level is mounted at $top. Where nothing is mounted there
# and the root is btrfs, the root's is meant, and looked at through a mount that only the question sees.
#
# Fields ended by NUL: the device to mount, or nothing; a list; then of each its number, path and
# whether it is read-only. A path in the list is anybody's text: a newline in it forges rows.
list='
    [ "$(stat -c %i -- "$1/.")" = 256 ] || { echo "$1 is no subvolume" >&2; exit 1; }
    all=$(btrfs subvolume list -a -c -u -q "$1") || exit 1
    printf "%s\0%s\0" "$2" "$all"
    for number in $(printf "%s\n" "$all" | sed -n "s/^ID \([0-9]*\) gen .*/\1/p" | sort -un); do
        # What is gone by now, or was forged, has no path.
        path=$(btrfs inspect-internal subvolid-resolve "$number" "$1" 2>/dev/null && echo x) || continue
        path=${path%?x}
        fixed=$(btrfs property get -ts "$1/$path" ro) || exit 1
        printf "%s\0%s\0%s\0" "$number" "$path" "$fixed"
    done'
if mountpoint -q -- "$top"; then exec sh -c "$list" sh "$top" ''; fi
# Nothing is found where the root is no btrfs.
device=$(findmnt -no SOURCE -t btrfs /)
[ -n "$device" ] || { echo "no btrfs is mounted at $top, nor at /" >&2; exit 1; }
mkdir -p /run/ebb-top || exit 1
exec unshare -m sh -c '
    mount -n --make-rprivate / && mount -n -t btrfs -o subvolid=5 "$1" /run/ebb-top || exit 1
    exec sh -c "$2" sh /run/ebb-top "$1"' sh "${device%%\[*}" "$list"
