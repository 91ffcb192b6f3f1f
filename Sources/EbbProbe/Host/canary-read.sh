# shellcheck shell=sh
# Looks for tokens at the arguments: `NUMBER absent MOUNT`, or `NUMBER present INODE BORN CHANGED TOKEN
# MOUNT`; MOUNT is where the file system is mounted that was looked at. An error other than "no such
# file" gives no line, so that it can never be read as absence. `foreign ID` for each controller, but the
# one that asks, that has left a token beside one of them.

# What holds a path, or would hold it.
holder() {
    directory=${1%/*}
    while [ -n "$directory" ] && [ ! -d "$directory" ]; do directory=${directory%/*}; done
    stat -c %m -- "${directory:-/}"
}
look() {
    if said=$(stat -c %F -- "$2" 2>&1); then
        case $said in 'regular file' | 'regular empty file') ;; *) echo "$2 is a $said" >&2; return ;; esac
        # Within a limit: a pipe that was put in its place would never end.
        token=$(timeout 10 head -c 128 -- "$2") && mount=$(stat -c %m -- "$2") &&
            mark=$(stat -c '%i %W %Z' -- "$2") || return
        # Whoever may write there must not be able to answer for another place.
        case $token in '') token=empty ;; *[!0-9a-zA-Z-]*) token=other ;; esac
        printf '%s present %s %s %s\n' "$1" "$mark" "$token" "$mount"
    else
        case $said in
            *': No such file or directory') mount=$(holder "$2") && echo "$1 absent $mount" ;;
            *) printf '%s\n' "$said" >&2 ;;
        esac
    fi
}
# A token says whose it is by the end of its file's name, sixteen hexadecimal digits.
foreign() {
    for other in "${1%.????????????????}".????????????????; do
        [ "$other" != "$1" ] && [ -f "$other" ] || continue
        case ${other##*.} in *[!0-9a-f]*) ;; *) echo "foreign ${other##*.}" ;; esac
    done
}
number=0
for path do
    look "$number" "$path"
    foreign "$path"
    number=$((number + 1))
done
