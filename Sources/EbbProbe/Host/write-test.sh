# shellcheck shell=sh
# Whether a write reaches the disk: it is tried. Arguments, three for each declared path: its storage's mount point,
# or nothing, the directory to try, or nothing, and what its owner has to get to by name, or nothing.
#
# Three fields for each, ended by NUL: number, and for storage and directory `works`, `fails WHY`, `untried WHY`,
# or nothing where nothing was asked. On the storage root tries it, in Ebb's own directory; in the declared
# directory its owner does, who has to get there where the path is a link. Only one name is ever made, and it is gone before anything is written to it; an empty
# file that a cut left is removed by the next run, anything else of that name is left alone.

me=$(id -u)
limit=20
# Who owns a directory may hold up what runs in it as them.
late=
if timeout -k 5 9 true 2>/dev/null; then late='-k 5'; fi

# In the present directory, whose owner is $1. Where not even that can be set anew the directory is immutable, or
# takes names and never lets them go: then nothing is made there. What is written is no zeroes, which take no room on
# some file systems.
attempt='
trap "" HUP INT PIPE
# Where the owner goes there by its name, they must get there.
[ -z "${2-}" ] || cd -P -- "$2" || exit 5
[ -z "${3-}" ] || exit 0
name=.ebb-write-test
if [ -e "$name" ] || [ -L "$name" ]; then
    [ -f "$name" ] && [ ! -L "$name" ] && [ ! -s "$name" ] || exit 4
    rm -f -- "./$name" || exit 1
fi
chown "$1" . || {
    [ -w . ] && exit 3
    case $(stat -f -c %T .) in
        nfs* | smb* | cifs | fuse* | UNKNOWN*) exit 3 ;;
    esac
    exit 1
}
set -C
exec 3>"$name" || exit 1
rm -f -- "./$name" || exit 1
dd if=/dev/urandom bs=4096 count=1 conv=fsync >&3
'
newline='
'

# Sets result by the status $1 and the complaints in $2.
judge() {
    first=${2%%"$newline"*}
    case $1 in
        0) result=works ;;
        3) result='untried what is made in it could not be removed' ;;
        4) result='untried .ebb-write-test is there, and is not the empty file that a cut leaves' ;;
        124 | 137 | 143) result="untried it came to no end in $limit seconds" ;;
        *) result="untried ${first##*: }" ;;
    esac
    case $1 in
        0 | 3 | 4) return ;;
        5)
            result='fails its owner cannot get there'
            return
            ;;
    esac
    for why in 'Read-only file system' 'No space left on device' 'Disk quota exceeded' 'Quota exceeded' \
        'Input/output error' 'I/O error' 'Stale file handle' 'Operation not permitted'; do
        case $2 in *": $why"*) result="fails $why" ;; esac
    done
}

# Enters the directory $1, or sets why not. Where this then is, the name cannot lead elsewhere.
enter() {
    if [ -L "$1" ] || [ ! -d "$1" ] || ! cd -P -- "$1" 2>/dev/null; then
        why="$1 is no directory that can be entered"
        return 1
    fi
    # Beneath a mount, a directory that was removed can still be entered.
    if ! links=$(stat -c %h .) || [ "$links" = 0 ]; then
        why="$1 was removed"
        return 1
    fi
    here=$(pwd -P && echo x)
    [ "${here%?x}" = "$1" ] && return
    why="the way to $1 goes through a link"
    return 1
}

as_me() {
    said=$(timeout $late "$limit" sh -c "$attempt" sh "$1" 2>&1 >/dev/null </dev/null)
    judge "$?" "$said"
}

# As the account $1. It can reach into its own processes: those share nothing with this one but a file that has no
# name, and what is read out of that is cut.
as_owner() {
    # A number without an account has no group either.
    group=$(id -g -- "$1" 2>/dev/null) || group=65534
    case $(setpriv --help 2>&1) in
        *--init-groups*)
            groups=--clear-groups
            # Services have the groups of their account.
            if id -un -- "$1" >/dev/null 2>&1; then groups=--init-groups; fi
            set -- "$1" setpriv --reuid "$1" --regid "$group" "$groups" --
            ;;
        *--reuid*) set -- "$1" setpriv --reuid "$1" --regid "$group" --clear-groups -- ;;
        *)
            if command -v chpst >/dev/null; then
                set -- "$1" chpst -u ":$1:$group"
            elif command -v runuser >/dev/null && account=$(id -un -- "$1" 2>/dev/null); then
                set -- "$1" runuser -u "$account" --
            else
                result='untried the host has no setpriv, chpst or runuser'
                return
            fi
            ;;
    esac
    owner=$1
    shift
    # Without /run the root has to do.
    file=$(mktemp /run/ebb-write.XXXXXX 2>/dev/null || mktemp /tmp/ebb-write.XXXXXX) || {
        result='untried no file could be made for its words'
        return
    }
    exec 4>"$file" 5<"$file"
    rm -f -- "$file"
    timeout $late "$limit" "$@" sh -c "$attempt" sh "$owner" "$way" "$only" 2>&4 >/dev/null </dev/null 4>&- 5<&-
    status=$?
    said=$(head -c 2000 <&5)
    exec 4>&- 5<&-
    judge "$status" "$said"
}

try_storage() {
    place=$1
    if [ "$me" != 0 ]; then
        result='untried this needs root: set ansible_become'
    elif ! mount=$(stat -c %m -- "$1" 2>/dev/null) || [ "$mount" != "$1" ]; then
        result="fails nothing is mounted at $1"
    else
        # Where Ebb has no directory yet, the storage itself has to do.
        if [ -e "$1/.ebb" ] || [ -L "$1/.ebb" ]; then place=$1/.ebb; fi
        if ! enter "$place"; then
            result="untried $why"
        elif facts=$(stat -c '%u %a' .) && [ "$place" != "$1" ] \
            && { [ "${facts% *}" != 0 ] || [ "$((0${facts#* } & 022))" != 0 ]; }; then
            result="untried $place is not root's alone"
        else
            as_me "${facts% *}"
        fi
    fi
    cd /
}

try_directory() {
    if [ -e "$1" ] && [ ! -d "$1" ]; then
        result=
    elif ! enter "$1" || ! owner=$(stat -c %u .); then
        result="untried $why"
    elif [ "$owner" = "$me" ]; then
        as_me "$owner"
    elif [ "$me" = 0 ]; then
        as_owner "$owner"
    else
        result='untried this needs root: set ansible_become'
    fi
    cd /
}

# Whether the owner of what a link leads to gets to it, where no write is tried there.
try_way() {
    owner=$(stat -L -c %u -- "$1" 2>/dev/null) && [ "$me" = 0 ] && [ "$owner" != 0 ] || return 0
    if ! [ -d "$1" ]; then way=${1%/*}; fi
    only=1
    as_owner "$owner"
    case $result in fails*) ;; *) result= ;; esac
}

number=0
tried=
while [ "$#" -gt 0 ]; do
    result=
    if [ -n "$1" ] && [ "$1" != "$tried" ]; then
        try_storage "$1"
        tried=$1 of_storage=$result
    fi
    if [ -n "$1" ]; then result=$of_storage; fi
    printf '%s\0%s\0' "$number" "$result"
    result=
    way=$3 only=
    if [ -n "$2" ]; then try_directory "$2"; fi
    if [ -n "$3" ] && [ -z "$result" ]; then try_way "$3"; fi
    printf '%s\0' "$result"
    number=$((number + 1))
    shift 3
done
