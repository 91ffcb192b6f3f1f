# shellcheck shell=sh
# The units whose jobs the service manager has not done yet, one a line.
if [ -d /run/systemd/system ]; then systemctl list-jobs --no-legend --plain --full --no-pager; fi
