# shellcheck shell=sh
# Writes tokens, flushes file and directory to the disk, and reads them back. Arguments, four for
# each: kind, mount, path, token. Prints `NUMBER ok INODE BORN CHANGED` for each that is proven to be
# written, and so tells its file from a copy that may come later. Whoever has not the lease $lease, in the
# name of $owner, writes nothing: another one's tokens may be waiting to be judged.
holder=$(cat -- "$lease") || exit 1
if [ "$holder" != "$owner" ]; then
    echo "the lease is held by $holder" >&2
    exit 1
fi
plant() {
    # Never on the root that is about to be erased.
    if [ "$1" = positive ] && [ "$(stat -c %m -- "$2")" != "$2" ]; then
        echo "$2 is not a mount point" >&2
        return 1
    fi
    directory=${3%/*}
    mkdir -p -- "${directory:-/}" || return 1
    # Others may write where the mount is: a new name, and never into what has the old one.
    new=$(mktemp -- "$3.XXXXXXXX") || return 1
    printf '%s\n' "$4" >"$new" && mv -fT -- "$new" "$3" || { rm -f -- "$new"; return 1; }
    # An old `sync` takes no names.
    sync -- "$3" "${directory:-/}" 2>/dev/null || sync
    [ -f "$3" ] && [ ! -L "$3" ] && [ "$(timeout 10 cat -- "$3")" = "$4" ]
}
number=0
while [ "$#" -gt 0 ]; do
    plant "$@" && mark=$(stat -c '%i %W %Z' -- "$3") && echo "$number ok $mark"
    number=$((number + 1))
    shift 4
done
