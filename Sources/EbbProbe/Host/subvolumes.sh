# shellcheck shell=sh
# What lies in subvolumes of Btrfs that nobody has mounted: ahead of scripts that list what a place holds.

# The mount that a directory lies in, whatever it and what is around it are called.
mount_id() { sed -n 's/^mnt_id:[[:space:]]*//p' /proc/self/fdinfo/0 <"$1"; }
# Prints, one a line as `./NAME`, the subvolumes below the working directory that are no mounts of their own. For
# `find -xdev` each is another file system, which it does not enter: name them to it behind `.`. $1: for how many
# seconds at most on each level. Where the status is not 0 these are not all of them; 125: one cannot be named.
subvolumes() {
    sub_kind=$(stat -f -c %t .) || return
    [ "$sub_kind" = 9123683e ] || return 0
    sub_mount=$(mount_id .)
    sub_line='
'
    sub_level=.
    while [ -n "$sub_level" ]; do
        # A name with a line break in it is nothing that a line could say.
        sub_found=$(set -f && IFS=$sub_line && timeout "$1" find $sub_level -xdev -ignore_readdir_race -mindepth 1 \
            -type d -inum 256 '(' -path "*$sub_line*" -printf '?\n' -o -print ')') || return
        sub_level=$(printf '%s\n' "$sub_found" | while IFS= read -r sub_name; do
            case $sub_name in
                '') continue ;;
                '?') exit 125 ;;
            esac
            sub_other=$(mount_id "$sub_name") || sub_other=
            if [ -z "$sub_mount" ] || [ -z "$sub_other" ]; then
                # What went in the meantime is no trouble.
                [ -d "$sub_name" ] && exit 125 || continue
            fi
            [ "$sub_other" != "$sub_mount" ] || printf '%s\n' "$sub_name"
        done) || return
        [ -z "$sub_level" ] || printf '%s\n' "$sub_level"
    done
}
