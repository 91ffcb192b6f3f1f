# shellcheck shell=sh
# Removes the subvolume $1 below $top, with those inside it, the deepest first.
#
# Who may write in it names what lies in it, and such a name may hold anything, a newline too: rows of
# the list give numbers only, and a number counts only where the file system itself says that it lies
# inside $1. The body is a process of its own, so that its variables are.
remove_subvolume() (
    # What is read-only lets nothing inside it go; where it cannot be changed, what follows fails.
    btrfs property set -ts "$top/$1" ro false 2>/dev/null || :
    rows=$(btrfs subvolume list -o "$top/$1") || exit 1
    while read -r word number next _; do
        [ "$word $next" = 'ID gen' ] || continue
        case $number in '' | *[!0-9]*) continue ;; esac
        # A forged number leads nowhere.
        inner=$(btrfs inspect-internal subvolid-resolve "$number" "$top" 2>/dev/null && echo x) || continue
        inner=${inner%?x}
        case $inner in "$1"/*) remove_subvolume "$inner" || exit 1 ;; esac
    done <<ROWS
$rows
ROWS
    btrfs subvolume delete "$top/$1" >/dev/null
)
