# shellcheck shell=sh
# Mounts persistent storage now and at every boot, and installs what puts the persistence set in
# effect. Arguments: steps of four words, a function below and what it takes. Prints `yes` or `no`:
# whether something changed.
changed=no
# Others may enter what is made here, however private this script is.
make_directories() { (umask 022 && mkdir -p -- "$1"); }
stop() {
    echo "$*" >&2
    exit 1
}
# findmnt's status 1 is "not found".
in_fstab() {
    findmnt --fstab -n -M "$1" >/dev/null
    case $? in
        0) ;;
        1) return 1 ;;
        *) stop "/etc/fstab cannot be read" ;;
    esac
}
# Written beside its place and renamed, so that no cut leaves half of it; its last line may have no end.
add_to_fstab() {
    { sed '$a\' /etc/fstab && printf '%s\n' "$1"; } >/etc/fstab.ebb-new \
        && chmod --reference=/etc/fstab /etc/fstab.ebb-new \
        && sync /etc/fstab.ebb-new && mv /etc/fstab.ebb-new /etc/fstab && sync /etc || exit 1
    changed=yes
    systemctl daemon-reload
}
mount_here() {
    ! mountpoint -q "$1" || return 0
    make_directories "$1" || exit 1
    mount "$1" || stop "$1 cannot be mounted"
    changed=yes
}
# place MOUNT: what is in /etc/fstab or a unit already; Ebb makes no file system and chooses no device.
place() {
    if ! in_fstab "$1"; then
        unit=$(systemd-escape -p --suffix=mount "$1") || exit 1
        # A unit that is not there is nothing that mounts.
        case $(systemctl cat "$unit" 2>/dev/null) in
            *"
What="*) ;;
            *) stop "nothing mounts $1 at boot: make a file system for it, add it to /etc/fstab, and try again" ;;
        esac
    fi
    mount_here "$1"
}
# zfs_place DATASET MOUNT
zfs_place() {
    # Status 1: nothing is mounted there.
    there=$(findmnt -no SOURCE -M "$2") || [ "$?" -eq 1 ] || stop "cannot ask what is mounted at $2"
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
# btrfs_place SUBVOLUME MOUNT OPTIONS
btrfs_place() {
    if ! in_fstab "$2"; then
        case $3 in *[[:space:]]*) stop "$1 holds a blank: add it to /etc/fstab yourself" ;; esac
        # Not every root stands in /etc/fstab.
        device=$(findmnt --fstab -no SOURCE -M /) || device=$(findmnt -no SOURCE /) || exit 1
        add_to_fstab "${device%%\[*} $2 btrfs $3 0 0"
    fi
    mount_here "$2"
    [ "$(stat -c %i "$2/.")" = 256 ] || stop "$2 holds no subvolume"
}
# put PATH MODE CONTENT, which is in base64
put() {
    if printf %s "$3" | base64 -d | cmp -s - "$1" && [ "$(stat -c %a "$1")" = "$2" ]; then
        return
    fi
    make_directories "${1%/*}" && printf %s "$3" | base64 -d >"$1.ebb-new" \
        && chmod "$2" -- "$1.ebb-new" && sync "$1.ebb-new" && mv -- "$1.ebb-new" "$1" \
        && sync "${1%/*}" || exit 1
    changed=yes
}
# enable UNIT LINK
enable() {
    [ "$(readlink -- "$2")" != "$1" ] || return 0
    make_directories "${2%/*}" && ln -sfn -- "$1" "$2" && sync "${2%/*}" || exit 1
    changed=yes
}

while [ "$#" -gt 0 ]; do
    "$1" "$2" "$3" "$4"
    shift 4
done
[ "$changed" = no ] || systemctl daemon-reload || exit 1
echo "$changed"
