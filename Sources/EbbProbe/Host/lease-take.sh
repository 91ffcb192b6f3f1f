# shellcheck shell=sh
# Takes the lease $path for $owner, or finds that it is taken; prints the owner that it has now.
#
# The text is written before the name is linked, so that no reader sees half of it.
folder=${path%/*}
mkdir -p "$folder" || exit 1
printf '%s\n' "$owner" >"$folder/.lease.$$" || exit 1
# Where the name is taken, what follows says by whom; where nothing is there, it fails.
ln "$folder/.lease.$$" "$path" 2>/dev/null || :
rm -f "$folder/.lease.$$"
cat "$path"
