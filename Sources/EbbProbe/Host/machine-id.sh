# shellcheck shell=sh
# An absent or empty file is an answer: no machine id.
[ ! -s /etc/machine-id ] || cat /etc/machine-id
