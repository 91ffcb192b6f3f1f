# shellcheck shell=sh
# The boot id; within boot $before also `restarted` where the service manager is another than the
# one that was told to reboot, as $mark remembers it.
read -r boot </proc/sys/kernel/random/boot_id || exit 1
echo "$boot"
[ "$boot" = "$before" ] && [ -d /run/systemd/system ] && [ -s "$mark/manager" ] || exit 0
now=$(systemctl show --property=UserspaceTimestampMonotonic) && then=$(cat "$mark/manager") || exit 1
[ "$then" = "$now" ] || echo restarted
