# shellcheck shell=sh
# Hands a reboot over to the host, once in boot $expected, and returns at once. $mark, a directory
# that is made atomically and gone with the boot, says that it was handed over; $unit names the timer.
#
# The reboot itself runs detached and a moment later, so that the answer arrives.
boot=$(cat /proc/sys/kernel/random/boot_id) || exit 1
if [ "$boot" != "$expected" ]; then echo other-boot; exit 0; fi
refuse() { printf 'refused %s\n' "$(printf '%s' "$*" | tr '\n' ';')"; exit 0; }

# What holds off a shutdown. A login manager that does not answer leaves that unknown; where none
# runs, nothing can hold it off.
if [ -d /run/systemd/system ]; then
    manager=$(timeout 20 systemctl show -p ActiveState systemd-logind.service 2>&1) ||
        refuse "unknown whether something blocks a reboot: $manager"
    if [ "$manager" = ActiveState=inactive ]; then
        # It may have been stopped while somebody relied on it: its notes of them are still there.
        for held in /run/systemd/inhibit/*; do
            holder=$(sed -n 's/^PID=//p' "$held" 2>/dev/null)
            if [ -n "$holder" ] && [ -d "/proc/$holder" ] && grep -q '^MODE=block' "$held" &&
                grep -q '^WHAT=.*shutdown' "$held"
            then
                refuse "blocked by process $holder, although systemd-logind was stopped"
            fi
        done
    else
        # A list of words; who holds them off, and why, is anybody's text and decides nothing.
        blocked=$(timeout 20 busctl get-property org.freedesktop.login1 /org/freedesktop/login1 \
            org.freedesktop.login1.Manager BlockInhibited 2>&1) ||
            refuse "unknown whether something blocks a reboot: systemd-logind does not answer: $blocked"
        case $blocked in
            *[\":]shutdown[\":]*)
                refuse "blocked by: $(timeout 20 systemd-inhibit --list --no-legend --no-pager | tr -s ' ')"
                ;;
        esac
    fi
fi

mkdir -p "${mark%/*}" || exit 1
if ! said=$(mkdir "$mark" 2>&1); then
    if [ -d "$mark" ]; then echo already-sent; exit 0; fi
    printf '%s\n' "$said" >&2
    exit 1
fi
sync
if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
    # Lets BootProbe tell a restart of services; without it that is not told.
    systemctl show --property=UserspaceTimestampMonotonic >"$mark/manager" 2>/dev/null || :
    # Where no timer can be set, the reboot is started below.
    if systemd-run --quiet --collect --on-active=1s --timer-property=AccuracySec=100ms \
        --unit="$unit" systemctl reboot 2>/dev/null; then
        echo accepted
        exit 0
    fi
    action='systemctl reboot'
else
    action=reboot
fi
detach='nohup'
if command -v setsid >/dev/null; then detach='setsid'; fi
"$detach" sh -c "sleep 1; $action" </dev/null >/dev/null 2>&1 &
echo accepted
