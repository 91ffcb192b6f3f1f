# shellcheck shell=sh
# Whether a place that a boot erases still holds what was there before. Arguments: mount points. $since:
# a moment before the boot, by the host's clock, in seconds. Prints for each `NUMBER older` where
# something in it was made or changed last before that, else `NUMBER newer`. Nobody can set either time:
# whoever touches all of it moves on that of the change, and not that of its making. What could not be
# looked through has no line. `NUMBER nested NAME` where something in it is older than the place itself, which was
# moved there: by the numbers of btrfs, which no clock goes into, else by the times of their making, where both are
# before the boot as well.
ages() {
    {
        { timeout 40 find . -xdev -ignore_readdir_race -mindepth 1 -path ./lost+found -prune -o -print0 &&
            echo walked >&3; } | xargs -0 -r stat -c '%Z %W' -- 2>&1
    } 3>&1
}
# The number of the transaction in which a subvolume was made.
made() {
    shown=$(btrfs subvolume show "$1" 2>/dev/null) || return 1
    printf '%s\n' "$shown" | sed -n 's/^[[:space:]]*Gen at creation:[[:space:]]*//p' | sed -n 1p
}
# What in the present directory is older than that. A host's clock may have been behind when both were made.
nested() {
    if [ "$(stat -f -c %T .)" = btrfs ] && [ "$(stat -c %i .)" = 256 ]; then
        command -v btrfs >/dev/null && own=$(made .) && [ -n "$own" ] || return 1
        # A subvolume's top has this number. Other mounts in it are no part of it.
        timeout 40 find . -xdev -ignore_readdir_race -mindepth 1 -type d -print0 |
            xargs -0 -r stat --printf '%i %n\0' -- 2>/dev/null | sed -z -n 's/^256 //p' | xargs -0 -r sh -c '
                own=$1
                shift
                for path do
                    # No number: nothing is known of the place.
                    ! grep -qF " $PWD/${path#./} " /proc/self/mountinfo || continue
                    then=$(btrfs subvolume show "$path" 2>/dev/null |
                        sed -n "s/^[[:space:]]*Gen at creation:[[:space:]]*//p" | sed -n 1p)
                    if [ -z "$then" ]; then exit 1; fi
                    if [ "$then" -lt "$own" ]; then printf "%s\n" "$path"; fi
                done' sh "$own" || return 1
        return
    fi
    born=$(stat -c %W .)
    case $born in '' | 0 | *[!0-9]*) return 0 ;; esac
    # What could not be looked through `ages` has said.
    timeout 40 find . -xdev -ignore_readdir_race -mindepth 1 -maxdepth 1 ! -name lost+found -print0 |
        xargs -0 -r stat -c '%W %n' -- 2>/dev/null | awk -v since="$since" -v born="$born" '
            $1 > 0 && $1 < since && $1 < born { sub(/^[0-9]* /, ""); print }'
}
number=0
for place do
    # Where nobody knows when something was made, that is no time. What went in the meantime is no trouble.
    if cd -- "$place" && said=$(ages | awk -v since="$since" '
        $0 == "walked" { walked = 1; next }
        /^[0-9]+ [-0-9?]+$/ { if ($1 <= since || ($2 > 0 && $2 < since)) older = 1; next }
        !/: No such file or directory$/ { trouble = 1 }
        END { print older ? "older" : walked && !trouble ? "newer" : "unknown" }')
    then
        if [ "$said" != unknown ] && old=$(nested); then
            echo "$number $said"
            [ -z "$old" ] || printf '%s nested %s\n' "$number" "$(printf '%s' "$old" | sed -n 1p | cut -c 1-200)"
        fi
    fi
    number=$((number + 1))
done
