# shellcheck shell=sh
# What lies in directories of persistent storage. Arguments: $count directories, then what `find`
# leaves out in them. $sizes: `yes` for a walk over each.
#
# Six fields for each, ended by NUL: path, kind, owner, mode, time, bytes that it takes or nothing.
there=0
while [ "$count" -gt 0 ]; do
    if [ -d "$1" ]; then set -- "$@" "$1"; there=$((there + 1)); fi
    shift
    count=$((count - 1))
done
[ "$there" -gt 0 ] || exit 0
# The directories now stand behind what is left out: round they go.
rest=$(($# - there))
while [ "$rest" -gt 0 ]; do
    set -- "$@" "$1"
    shift
    rest=$((rest - 1))
done
if [ "$sizes" != yes ]; then
    exec find "$@" -printf '%p\0%y\0%U\0%m\0%T@\0\0'
fi
# A size that du could not tell whole is not told.
find "$@" -printf '%p\0%y\0%U\0%m\0%T@\0' \
    -exec sh -c 'size=$(du -sxB1 -- "$1") && printf %s "${size%%[!0-9]*}"' sh {} ';' -printf '\0'
