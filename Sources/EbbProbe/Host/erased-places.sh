# shellcheck shell=sh
# Whether a place that a boot erases still holds what was there before. Arguments: mount points. $since:
# a moment before the boot, by the host's clock, in seconds. Prints for each `NUMBER older` where
# something in it was made or changed last before that, else `NUMBER newer`. Nobody can set either time:
# whoever touches all of it moves on that of the change, and not that of its making. What could not be
# looked through has no line.
ages() {
    {
        { timeout 40 find . -xdev -ignore_readdir_race -mindepth 1 -path ./lost+found -prune -o -print0 &&
            echo walked >&3; } | xargs -0 -r stat -c '%Z %W' -- 2>&1
    } 3>&1
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
        [ "$said" = unknown ] || echo "$number $said"
    fi
    number=$((number + 1))
done
