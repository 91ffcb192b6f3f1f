# shellcheck shell=sh
# Asks whether the reboot with the mark $mark was handed over in the boot $expected, and takes its mark
# where it was not: as a file, made as atomically as the directory that the hand-over makes.
read -r boot </proc/sys/kernel/random/boot_id || exit 1
if [ "$boot" != "$expected" ]; then echo other-boot; exit 0; fi
mkdir -p "${mark%/*}" || exit 1
(set -C && : >"$mark") 2>/dev/null || [ -e "$mark" ] || exit 1
if [ -f "$mark" ]; then echo withdrawn; else echo already-sent; fi
