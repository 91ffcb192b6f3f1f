# shellcheck shell=sh
# Waits until the service manager has left its start-up; whatever state it reaches is judged later.
[ ! -d /run/systemd/system ] || systemctl is-system-running --wait >/dev/null || :
