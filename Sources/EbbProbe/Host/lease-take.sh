# shellcheck shell=sh
# Takes the lease $path for $owner, or finds that it is taken; prints the owner that it has now. A lease
# of $replaced, where that is not empty, is taken over.
#
# The text is written before the name is linked, so that no reader sees half of it.
folder=${path%/*}
mkdir -p "$folder" || exit 1
printf '%s\n' "$owner" >"$folder/.lease.$$" || exit 1
if [ -n "$replaced" ] && [ -e "$path" ]; then
    holder=$(cat "$path") || exit 1
    if [ "$holder" = "$replaced" ]; then mv -f "$folder/.lease.$$" "$path" || exit 1; fi
fi
# Where the name is taken, what follows says by whom; where nothing is there, it fails.
if [ -e "$folder/.lease.$$" ]; then ln "$folder/.lease.$$" "$path" 2>/dev/null || :; fi
rm -f "$folder/.lease.$$"
cat "$path"
