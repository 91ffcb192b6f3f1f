# shellcheck shell=sh
# How names are that a census has listed. Arguments for each path: path, how many of the names had a digest, how
# many there are, and the names, those with a digest first.
#
# Records, ended by NUL: `= NUMBER`, for each name that is there `n MODE SIZE UID GID CHANGED ./NAME` with the kind
# as the first digits of its mode, for each digest `d DIGEST  ./NAME`, and `.` once all were looked at: then what
# was not named is not there.

exec 4>&1
# The first $1 of the names behind it.
named() {
    left=$1
    shift
    for name do
        [ "$left" -gt 0 ] || break
        left=$((left - 1))
        printf './%s\0' "$name"
    done
}
# Prints what went wrong, and nothing where a name is only not there.
look() {
    complaints=$(named "$@" | xargs -0 -r stat --printf='n %f %s %u %g %Z %n\0' -- 2>&1 >&4)
    status=$?
    case $status in 0 | 123) ;; *) complaints="$complaints
stat: status $status" ;; esac
    printf '%s\n' "$complaints" | sed -e '/: No such file or directory$/d' -e '/: Not a directory$/d' -e '/^$/d'
}
read_files='for name do
    shift
    if [ -f "$name" ] && [ ! -L "$name" ]; then set -- "$@" "$name"; fi
done
[ "$#" -eq 0 ] || sha256sum -z -- "$@"'
# What cannot be read, or not in time, has no digest.
contents() {
    named "$@" | timeout 60 xargs -0 -r sh -c "$read_files" sh 2>/dev/null | sed -z 's/^/d /'
}
number=0
while [ "$#" -gt 0 ]; do
    printf '= %s\0' "$number"
    path=$1 digests=$2 names=$3
    shift 3
    trouble=
    if [ "$names" -eq 0 ]; then
        :
    elif [ -d "$path" ] && cd -- "$path"; then
        trouble=$(look "$names" "$@")
        contents "$digests" "$@"
        cd /
    elif [ -d "$path" ]; then
        # What is no directory is judged by its own node; nothing can be in it.
        trouble="$path cannot be entered"
    fi
    if [ -z "$trouble" ]; then printf '.\0'; else printf '%s\n' "$trouble" >&2; fi
    number=$((number + 1))
    shift "$names"
done
