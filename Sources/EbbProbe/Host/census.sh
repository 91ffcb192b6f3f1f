# shellcheck shell=sh
# What declared paths hold, subvolumes in them as well: behind subvolumes.sh. Arguments, three for each: path, how
# many names are wanted of it (`-`: nothing but its own node and its storage), `digest` where the contents of small
# files are wanted, or `-`.
#
# Records, ended by NUL: `= NUMBER`, `at PATH`, `top NODE` or `absent`, `fs TYPE ID`, `mount PAIRS` as findmnt writes
# them, `guid POOL DATASET` on ZFS, `sum STATUS FILES
# DIRECTORIES LINKS OTHERS BYTES NEWEST`, for each name `n KIND SIZE UID GID MODE CHANGED NAME`, for each digest
# `d DIGEST  NAME`, and `.` at the end of each path that could be looked at. A status of 124 means that the time was
# up.

find . -maxdepth 0 -ignore_readdir_race -printf '' </dev/null || exit 127
seconds=20
newline='
'
# $nested: the subvolumes in it, one a line. What could not be walked is told by the status.
walk() {
    (set -f && IFS=$newline &&
        exec timeout "$seconds" find . $nested -xdev -ignore_readdir_race -mindepth 1 "$@" 2>/dev/null)
}

# The whole of it in numbers: names stay out of this, so that nothing is read out of them.
count() {
    { walk -printf '%y %s %T@\n' && status=$missed || status=$?; echo "status $status"; } | awk '
        $1 == "status" { status = $2; next }
        { kinds[$1]++; if ($1 == "f") bytes += $2; if ($3 > newest) newest = $3 }
        END {
            others = 0
            for (kind in kinds) if (kind !~ /^[fdl]$/) others += kinds[kind]
            printf "sum %d %d %d %d %d %.0f %d", status, kinds["f"], kinds["d"], kinds["l"], others, bytes, newest
        }'
    printf '\0'
}
# Those that have stood still for longest, the oldest first; among equals by name. Names are ./NAME.
still() {
    walk -printf '%C@ n %y %s %U %G %m %C@ %p\0' | sort -z -n -k 1,1 |
        { head -z -n "$1"; cat >/dev/null; } | cut -z -d ' ' -f 2-
}
# What cannot be read has no digest.
contents() {
    still "$1" | sed -z -n 's/^n f \([0-9]\{1,5\}\) [^ ]* [^ ]* [^ ]* [^ ]* //p' |
        timeout "$seconds" xargs -0 -r sha256sum -z -- 2>/dev/null | sed -z 's/^/d /'
}
# A dataset has a number that no copy or clone of it has. Where ZFS does not say it, as in a container on a dataset,
# there is no record of it, and the rest has to do.
guids() {
    if dataset=$(findmnt -n -o SOURCE -T "$1" 2>/dev/null) &&
        pool=$(timeout 10 zpool get -H -o value guid "${dataset%%/*}" 2>/dev/null) &&
        dataset=$(timeout 10 zfs get -H -o value guid "$dataset" 2>/dev/null); then
        printf 'guid %s %s\0' "$pool" "$dataset"
    fi
}
number=0
while [ "$#" -gt 0 ]; do
    refused=
    printf '= %s\0at %s\0' "$number" "$1"
    if top=$(stat -c '%f %d:%i %u %g %s %W' -- "$1" 2>&1); then
        printf 'top %s\0' "$top"
        fs=$(stat -f -c '%t %i' -- "$1") && printf 'fs %s\0' "$fs"
        # Where it cannot be said the identity of the file system has to do.
        if mount=$(findmnt -n -P -o UUID,FSTYPE,FSROOT,TARGET -T "$1" 2>/dev/null); then
            printf 'mount %s\0' "$mount"
            case $mount in *' FSTYPE="zfs" '*) guids "$1" ;; esac
        fi
        if [ "$2" != - ] && [ -d "$1" ] && [ ! -L "$1" ] && cd -- "$1"; then
            missed=0
            nested=$(subvolumes "$seconds" 2>/dev/null) || missed=$?
            count
            [ "$2" -eq 0 ] || still "$2" | sed -z 's/^\(n\( [^ ]*\)\{6\} \)\.\//\1/'
            [ "$3" != digest ] || contents "$2"
            cd /
            case $missed in 0 | 124) ;; *) refused="not every subvolume in $1 can be looked into" ;; esac
        elif [ "$3" = digest ] && [ -f "$1" ] && [ ! -L "$1" ]; then
            # A link that is declared is looked at where it leads. What could not be read, all of it, has no
            # digest: that of nothing would be taken for one.
            digest=$({ { timeout 10 head -c 1048576 -- "$1" || echo "$?:" >&3; } | sha256sum; } 3>&1)
            case $digest in *:*) ;; *) printf 'd %.64s  \0' "$digest" ;; esac
        fi
        if [ -z "$refused" ]; then printf '.\0'; else printf '%s\n' "$refused" >&2; fi
    else
        case $top in
            *': No such file or directory' | *': Not a directory') printf 'absent\0.\0' ;;
            *) printf '%s\n' "$top" >&2 ;;
        esac
    fi
    number=$((number + 1))
    shift 3
done
