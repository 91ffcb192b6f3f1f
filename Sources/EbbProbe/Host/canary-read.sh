# shellcheck shell=sh
# Looks for tokens at the arguments: `NUMBER absent`, or `NUMBER present TOKEN MOUNT`. An error other
# than "no such file" gives no line, so that it can never be read as absence.
look() {
    if said=$(stat -c %F -- "$2" 2>&1); then
        case $said in 'regular file' | 'regular empty file') ;; *) echo "$2 is a $said" >&2; return ;; esac
        # Within a limit: a pipe that was put in its place would never end.
        token=$(timeout 10 head -c 64 -- "$2") && mount=$(stat -c %m -- "$2") || return
        printf '%s present %s %s\n' "$1" "${token:-empty}" "$mount"
    else
        case $said in
            *': No such file or directory') echo "$1 absent" ;;
            *) printf '%s\n' "$said" >&2 ;;
        esac
    fi
}
number=0
for path do
    look "$number" "$path"
    number=$((number + 1))
done
