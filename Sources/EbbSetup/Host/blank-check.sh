# shellcheck shell=sh
# Prints the path of each file that the blank at $blank lacks or has otherwise. Arguments, two for
# each: path, content in base64.
ls -d "$blank/." >/dev/null || exit 1
while [ "$#" -gt 0 ]; do
    printf %s "$2" | base64 -d | cmp -s - "$blank$1" || printf '%s\n' "$1"
    shift 2
done
