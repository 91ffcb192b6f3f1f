# shellcheck shell=bash disable=SC2154
# A store of things built once: NAME is a directory of that name under $cache, and whatever is there
# is whole. It is built under another name and renamed, so an interrupted build is never taken for a
# finished one; what an interrupted build left is swept away by the next.

# key FILE|DIRECTORY|WORD… — a short hash of the contents of the files and of the words.
key() {
    local input
    for input in "$@"; do
        if [ -d "$input" ]; then
            (cd "$input" && find . -type f -printf '%m %P\n' -o -type l -printf '%P %l\n' | LC_ALL=C sort)
            (cd "$input" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
        elif [ -f "$input" ]; then
            sha256sum <"$input"
        else
            printf '%s\n' "$input"
        fi
    done | sha256sum | cut -c1-12
}

# stored NAME COMMAND… — makes sure that $cache/NAME is there, by running COMMAND… DIRECTORY.
stored() {
    local name=$1 work start=$SECONDS
    shift
    if [ -d "$cache/$name" ]; then
        touch "$cache/$name"
        return
    fi
    mkdir -p "$cache"
    exec {lock}>"$cache/.lock"
    flock "$lock"
    if [ ! -d "$cache/$name" ]; then
        rm -rf "$cache"/.building-*
        work=$(mktemp -d "$cache/.building-$name-XXXXXX")
        say "building $name (log: $cache/$name.log)"
        if ! (exec {lock}>&- && "$@" "$work") >"$cache/$name.log" 2>&1; then
            tail -n 25 "$cache/$name.log" >&2
            rm -rf "$work"
            fail "cannot build $name"
        fi
        sync -f "$work"
        mv -T "$work" "$cache/$name"
        rm -f "$cache/$name.log"
        say "built $name in $((SECONDS - start)) s"
    fi
    exec {lock}>&-
}

# in_use DIRECTORY — whether the disks of some guest, of whichever state, lie on it; each left its folder's name there.
in_use() {
    local folder
    [ -f "$1/users" ] || return 1
    while IFS= read -r folder; do
        [ "$(cat "$folder/image" 2>/dev/null)" != "$1" ] || return 0
    done <"$1/users"
    return 1
}

# sweep NAME… — of each NAME, WHAT-KEY, removes what it replaced: WHAT with other keys, in use by no guest and not for an hour.
sweep() {
    local name old
    exec {lock}>"$cache/.lock"
    flock "$lock"
    for name in "$@"; do
        for old in "$cache/${name%-*}"-????????????; do
            if [ "$old" != "$cache/$name" ] && [ -n "$(find "$old" -maxdepth 0 -mmin +60 2>/dev/null)" ] && ! in_use "$old"; then
                say "removing $(basename "$old"), which $name has replaced"
                rm -rf "$old"
            fi
        done
    done
    exec {lock}>&-
}
