# shellcheck shell=sh
# Gives the lease $path back, if it is $owner's.
[ -e "$path" ] || exit 0
holder=$(cat "$path") || exit 1
[ "$holder" != "$owner" ] || rm -f "$path"
