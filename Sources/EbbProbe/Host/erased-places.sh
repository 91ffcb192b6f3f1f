# shellcheck shell=sh
# Whether a place that a boot erases still holds what was there before. Arguments: mount points. $since:
# a moment before the boot, by the host's clock, in seconds. Prints for each `NUMBER older` where
# something in it was changed last before that, else `NUMBER newer`: nobody can set the time of an
# inode's change. What could not be looked through has no line.
number=0
for place do
    if found=$(cd -- "$place" && timeout 40 find . -xdev -mindepth 1 -path ./lost+found -prune -o \
        ! -newerct "@$since" -print -quit)
    then
        if [ -n "$found" ]; then echo "$number older"; else echo "$number newer"; fi
    fi
    number=$((number + 1))
done
