# shellcheck shell=sh
# shellcheck disable=SC2034 # Its variables are for what follows it.
# How a comparison speaks, where it works, and how it sees the live root: ahead of drift.sh and baseline.sh.
#
# The work directory holds a mount point for `/`, so it is emptied file by file and never recursively.

say() { printf '#%s\0' "$*"; }
note() { [ "$2" -eq 0 ] || echo "$1: status $2" >>"$work/failed"; }
clean() {
    trap - EXIT
    # A job that has ended needs no signal.
    for job in $jobs; do kill "$job" 2>/dev/null; done
    empty "$work"
}
empty() {
    rm -f "$1/blank" "$1/live" "$1/pairs" "$1/doubtful" "$1/failed"
    rm -f "$1/small" "$1/small.now" "$1/closed" "$1/files" "$1/private" "$1/owned" "$1/altered" "$1/digests" "$1/said"
    rm -f "$1"/sort*
    rmdir "$1/root" "$1"
}
need() {
    "$@" </dev/null >/dev/null 2>&1 && return
    echo "the GNU program is needed: $*" >&2
    exit 127
}
need find . -maxdepth 0 -ignore_readdir_race -printf ''
need sort -z
need comm -z /dev/null /dev/null
jobs=
# An observation whose shell was killed left its directory, which is named after that shell. (Only
# root makes names in /run.) One that cannot go is in nobody's way.
for old in /run/ebb.*[0-9]; do
    [ ! -d "$old" ] || [ -d "/proc/${old##*.}" ] || empty "$old" 2>/dev/null || :
done
# In memory, so that observing writes nothing to the root that is observed. mkdir makes a
# directory that only this user may enter, or fails: it never takes one that is there. The traps
# come next, so that whatever fails from here on, it goes again.
for place in /run /dev/shm; do
    work=$place/ebb.$$
    mkdir -m 700 "$work" 2>/dev/null && break
    work=
done
[ -n "$work" ] || { echo 'neither /run nor /dev/shm can be worked in' >&2; exit 1; }
trap clean EXIT
trap 'clean; exit 143' HUP INT TERM PIPE
mkdir "$work/root" || exit 1
mkfifo "$work/blank" "$work/live" "$work/pairs" "$work/small" "$work/closed" || exit 1

# When the root was filled at the latest: as the system's own processes started.
filling_time() {
    # Where the service manager does not say, the start of the first process stands for it.
    late=$(systemctl show -p UserspaceTimestampMonotonic --value 2>/dev/null)
    case $late in
        '' | 0 | *[!0-9]*) stat -c %Y /proc/1 ;;
        *)
            # Both clocks within a tenth of a second. Where that does not come about, the moment is
            # too early: what was written just after it then shows as changed.
            for _ in 1 2 3 4 5; do
                read -r before _ </proc/uptime
                now=$(date +%s.%N)
                read -r up _ </proc/uptime
                [ "${before%?}" != "${up%?}" ] || break
            done
            awk -v now="$now" -v up="$up" -v late="$late" \
                'BEGIN { printf "%.6f\n", now - up + late / 1e6 }'
            ;;
    esac
}

# Everything that `live` runs from here on sees the live root as its working directory: through a private,
# read-only bind mount of `/` where the host allows one, which shows what mounts cover.
open_view() {
    bare='mount -n --make-rprivate / && mount -n -o bind / "$1" &&
        mount -n -o remount,bind,ro / "$1" && cd "$1" && shift && exec "$@"'
    if unshare -m sh -c "$bare" sh "$work/root" true 2>/dev/null; then
        view=bare
        live() { unshare -m sh -c "$bare" sh "$work/root" "$@"; }
    else
        view=covered
        cross=
        live() { (cd / && exec "$@"); }
    fi
    say view "$view"
}
