# shellcheck shell=sh
# The first line tells "none failed" from "there is no systemd to ask". Then one unit a line: what failed; what is
# down after a failure and waits to be started again, which never counts as failed; what failed for a user.
[ -d /run/systemd/system ] || exit 0
echo systemd
systemctl list-units --state=failed --no-legend --plain --full --no-pager || exit 1
waiting=$(systemctl list-units --state=auto-restart --no-legend --plain --full --no-pager) || exit 1
printf '%s\n' "$waiting" | while read -r unit _; do
    # One that ended well, and comes again by its settings, is well.
    [ -z "$unit" ] || [ "$(systemctl show -p Result --value -- "$unit")" = success ] || echo "$unit"
done
for socket in /run/user/*/systemd/private; do
    [ -w "$socket" ] || continue
    place=${socket%/systemd/private}
    failed=$(XDG_RUNTIME_DIR=$place timeout 20 systemctl --user list-units --state=failed --no-legend --plain --full \
        --no-pager </dev/null) || { echo "the services of user ${place##*/} could not be listed" >&2; exit 1; }
    printf '%s\n' "$failed" | while read -r unit _; do [ -z "$unit" ] || echo "user-${place##*/}/$unit"; done || exit 1
done
