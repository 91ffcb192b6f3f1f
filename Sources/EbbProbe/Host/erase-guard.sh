# shellcheck shell=sh
# What is known of the erasing of this boot, and what it does when it fails.
#
# Ebb's own script leaves a mark in /run/ebb/erase and reads its settings, the arguments: a file of its own, or
# a comment among those of what lays the overlay. dracut's ZFS rollback ends in the rescue shell.
set -f
if [ -e /run/ebb/erase ]; then
    line=$(head -n 1 /run/ebb/erase) || exit 1
    printf 'mark %s\n' "$line"
fi
line=$(cat /proc/cmdline) || exit 1
for word in $line; do
    case $word in
        bootfs.rollback | bootfs.rollback=*) echo dracut ;;
        ebb.erase=no) echo skipped ;;
    esac
done
for file do
    [ -e "$file" ] || continue
    line=$(sed -n 's/^# on_failure=/on_failure=/; /^on_failure=/p' -- "$file") || exit 1
    [ -z "$line" ] || printf 'settings %s\n' "$line"
done
