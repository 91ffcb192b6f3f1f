# shellcheck shell=sh
top=/run/ebb-top
mkdir -p "$top"
mount -t btrfs -o subvolid=5 "$device" "$top"
btrfs subvolume show "$top/$blank" >/dev/null
# The erased root stays until the next boot, for whoever missed something.
if [ -e "$top/$subvolume" ]; then
    if [ -e "$top/$subvolume.ebb-last" ]; then remove_subvolume "$subvolume.ebb-last"; fi
    mv "$top/$subvolume" "$top/$subvolume.ebb-last"
fi
btrfs subvolume snapshot "$top/$blank" "$top/$subvolume"
umount "$top"
