# shellcheck shell=sh
# A state other than `running` is an answer, not a failure, whatever the status says.
if [ -d /run/systemd/system ]; then systemctl is-system-running || :; fi
