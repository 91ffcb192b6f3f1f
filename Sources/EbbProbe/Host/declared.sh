# shellcheck shell=sh
# How declared paths and their targets are. Arguments, three for each: path, target or nothing,
# `digest` where a small file's digest is wanted or `-`.
#
# Seven fields for each, ended by NUL: number, node and place of the path, where it points, node and
# place of the target, digest. A *place* is the path with its directories resolved and its last
# component as it is; of a target that is a link itself it is where that leads, `?` where it leads nowhere. A
# *node* has three lines, as names of owners and groups may hold blanks; the first ends with `locked` where
# not even root can make anything in the directory or write to the file, and that of a target with `closed` where
# a directory above it lets nobody in.

me=$(id -u)
# Some shells take root's word for it, and ask no kernel.
may_write() {
    if env test -d / 2>/dev/null; then env test -w "$1"; else [ -w "$1" ]; fi
}
# Nothing is written: the kernel says what an attempt would meet, a read-only mount, an immutable directory or file.
# Servers of files may keep root out, and nobody else.
locked() {
    [ "$me" = 0 ] && ! [ -L "$1" ] && { [ -d "$1" ] || [ -f "$1" ]; } && ! may_write "$1" || return 0
    case $(stat -f -c %T -- "$1") in nfs* | smb* | cifs | fuse* | UNKNOWN*) ;; *) echo ' locked' ;; esac
}
# Root enters a directory that no mode opens to anybody, and what has no such privilege does not.
closed() {
    [ "$me" = 0 ] || return 0
    directory=${1%/*}
    while [ -n "$directory" ]; do
        case $(stat -L -c %a -- "$directory" 2>/dev/null) in *[1357]* | '') ;; *) echo ' closed'; return ;; esac
        directory=${directory%/*}
    done
}
node() {
    if node=$(stat -c "%f %d:%i %u %g %a %s$(locked "$1")${2-}
%U
%G" -- "$1" 2>&1); then
        printf '%s\0' "$node"
        return
    fi
    case $node in
        *': No such file or directory' | *': Not a directory') ;;
        *) printf '%s\n' "$node" >&2 ;;
    esac
    printf '\0'
}
# Nothing where the directory cannot be entered: then there is no node either.
place() (
    directory=${1%/*}
    if cd -P -- "${directory:-/}" 2>/dev/null; then
        here=$(pwd -P && echo x)
        here=${here%?x}
        printf '%s/%s' "${here%/}" "${1##*/}"
    fi
    printf '\0'
)
end_of() {
    if [ ! -L "$1" ]; then
        place "$1"
    elif end=$(readlink -f -- "$1" && echo x); then
        printf '%s\0' "${end%?x}"
    else
        printf '?\0'
    fi
}
# No digest is an unknown one. By name and within a limit: a pipe that was put in the file's place would
# never be read to its end.
digest() {
    [ -f "$1" ] && [ ! -L "$1" ] || return 0
    size=$(stat -c %s -- "$1" 2>/dev/null) && [ "$size" -le 65536 ] || return 0
    digest=$(timeout 10 sha256sum -- "$1" 2>/dev/null) || return 0
    printf '%.64s' "${digest#\\}"
}
number=0
while [ "$#" -gt 0 ]; do
    printf '%s\0' "$number"
    node "$1"
    place "$1"
    if [ -L "$1" ]; then readlink -n -- "$1"; fi
    printf '\0'
    if [ -n "$2" ]; then
        node "$2" "$(closed "$2")"
        end_of "$2"
        if [ "$3" = digest ]; then digest "$2"; fi
    else
        printf '\0\0'
    fi
    printf '\0'
    number=$((number + 1))
    shift 3
done
