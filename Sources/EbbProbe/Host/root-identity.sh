# shellcheck shell=sh
# What a fresh root cannot share with the one before it, in one line of words. $blank: the blank
# snapshot of a ZFS root. $place: another mount that a boot erases; nothing mounted there: an empty line.
#
# The birth time of the place is there for every file system that keeps one; each strategy adds its own. A
# program that is not installed takes its part away. One that fails ends it: a line that lacks a word
# would differ from the line of another boot, and so look like a new root.
set -f
place=${place:-/}
while read -r _ _ device _ point rest; do
    [ "$point" = "$place" ] || continue
    # shellcheck disable=SC2086 # Three words, in which the kernel escapes blanks.
    set -- ${rest#*" - "}
    type=$1 source=$2 options=${3-} number=$device
done </proc/self/mountinfo
[ -n "${type-}" ] || { echo; exit; }
printf '%s' "$type"
born=$(stat -c %W -- "$place") || exit 1
case $born in '' | 0 | *[!0-9]*) ;; *) printf ' born=%s' "$born" ;; esac
# What Ebb's script in the initramfs copied the root from.
copied() {
    [ "$place" = / ] && [ -e /run/ebb/erase ] || return 0
    line=$(head -n 1 /run/ebb/erase) || exit 1
    case $line in 'erased: '*) printf ' blank=%s' "${line##* }" ;; esac
}
# A field of what `btrfs subvolume show` said: the first, as names of snapshots follow below it.
newline='
'
field() {
    value=$(printf '%s\n' "$shown" | sed -n "s/^[[:space:]]*$1:[[:space:]]*//p")
    printf ' %s=%s' "$2" "${value%%"$newline"*}"
}
case $type in
    btrfs)
        number=$(stat -c %i -- "$place") || exit 1
        # A subvolume's top has this number; a directory that is mounted from within one has no mark.
        if [ "$number" != 256 ] && [ "$place" != / ]; then
            printf ' inode=%s' "$number"
        elif command -v btrfs >/dev/null; then
            shown=$(btrfs subvolume show "$place") || exit 1
            field UUID uuid
            field 'Parent UUID' parent
            field 'Creation time' created
        fi
        ;;
    zfs)
        if command -v zfs >/dev/null && [ -n "$blank" ]; then
            if said=$(zfs get -Hp -o value guid,createtxg "$source@$blank" 2>&1); then
                # shellcheck disable=SC2086 # Two numbers.
                set -- $said
                printf ' guid=%s createtxg=%s' "$1" "$2"
            else
                case $said in *'does not exist') ;; *) printf '%s\n' "$said" >&2; exit 1 ;; esac
            fi
        fi
        # The root's alone: of another dataset what became of the pool's others says nothing.
        last() {
            awk -v set="$source" '
                / rollback / && (index($0, " " set "@") || index($0, "] rollback " set " ")) { line = $0 }
                END { printf "%s", line }'
        }
        if [ "$place" != / ]; then
            if command -v zfs >/dev/null; then
                made=$(zfs get -Hp -o value guid "$source") || exit 1
                printf ' set=%s' "$made"
            fi
            printf ' rollback='
            ! command -v zpool >/dev/null || {
                zpool history -i "${source%%/*}" || echo "zpool history: status $?" >&2
            } | last
            echo
            exit
        fi
        printf ' rollback='
        if command -v zpool >/dev/null; then
            {
                zpool history -i "${source%%/*}" || echo "zpool history: status $?" >&2
            } | sed -nE '/^[0-9.:-]+ (zfs|\([0-9]+ms\) ioctl|\[txg:[0-9]+\]) rollback/h; $ { g; p; }' |
                tr -d '\n'
        fi
        ;;
    overlay)
        upper=${options#*upperdir=}
        [ "$upper" = "$options" ] || upper=${upper%%,*}
        printf ' upper=%s' "$upper"
        # An upper directory of the initramfs cannot be reached any more: that is so in every boot.
        kind=$(stat -f -c %T -- "$upper" 2>/dev/null) && number=$(stat -c %d -- "$upper") &&
            printf ' type=%s device=%s' "$kind" "$number"
        ;;
    tmpfs | ramfs | rootfs) printf ' device=%s' "$number" && copied ;;
    *)
        if command -v findmnt >/dev/null; then
            uuid=$(findmnt -n -o UUID -- "$place") || exit 1
            printf ' uuid=%s' "${uuid##*"$newline"}"
        fi
        copied
        ;;
esac
echo
