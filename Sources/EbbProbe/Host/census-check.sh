# shellcheck shell=sh
# How names are that a census has listed. Arguments for each path: path, how many of the names had a digest, how
# many there are, and the names, those with a digest first.
#
# Records, ended by NUL: `= NUMBER`, for each name that is there `n KIND SIZE UID GID MODE CHANGED NAME` with the
# kind as the first digits of its mode, for each digest `d DIGEST  NAME`, and `.` once all were looked at: then
# what was not named is not there.

number=0
while [ "$#" -gt 0 ]; do
    printf '= %s\0' "$number"
    path=$1 digests=$2 names=$3
    shift 3
    here=
    { [ -d "$path" ] && cd -- "$path"; } || here=no
    trouble=
    index=0
    while [ "$index" -lt "$names" ]; do
        if [ -n "$here" ]; then
            # The directory itself is judged by its own node; nothing can be in it.
            [ ! -e "$path" ] || [ ! -d "$path" ] || trouble=yes
        elif said=$(stat -c '%f %s %u %g %Z' -- "./$1" 2>&1); then
            printf 'n %s %s\0' "$said" "$1"
            if [ "$index" -lt "$digests" ] && [ -f "./$1" ] && [ ! -L "./$1" ]; then
                digest=$(timeout 10 sha256sum -- "./$1") && digest=${digest#\\} && printf 'd %.64s  ./%s\0' "$digest" "$1"
            fi
        else
            case $said in
                *': No such file or directory' | *': Not a directory') ;;
                *) printf '%s\n' "$said" >&2 && trouble=yes ;;
            esac
        fi
        index=$((index + 1))
        shift
    done
    cd /
    [ -n "$trouble" ] || printf '.\0'
    number=$((number + 1))
done
