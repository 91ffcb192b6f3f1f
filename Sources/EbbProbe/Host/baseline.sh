# shellcheck shell=sh
# Writes down in $file what a fresh root holds, for roots whose blank cannot be read later. $boot: one
# that was proven to have made the root anew; in another one the file system itself must be younger
# than the kernel's start.
refuse() { echo "$*" >&2; exit 1; }
folder=${file%/*}
need sha256sum -z /dev/null
open_view
if [ "$(cat /proc/sys/kernel/random/boot_id)" != "$boot" ]; then
    # What was made since the kernel started needs no proof; a container shares its kernel.
    made=$(live stat -c %W .) && started=$(sed -n 's/^btime //p' /proc/stat) || exit 1
    case $made$started in *[!0-9]*) made=0 ;; esac
    [ ! -e /run/systemd/container ] && [ -n "$started" ] && [ "$made" -ge "$started" ] ||
        refuse 'this boot is not proven, and nothing shows that it made the root anew'
fi
[ -d "$folder" ] || refuse "there is no directory $folder"
[ "$(stat -c %d -- "$folder")" != "$(stat -c %d /)" ] ||
    refuse "$folder is on the root itself: the next boot would erase it"
filled=$(filling_time)
{
    printf '#ebb-blank 1\0'
    # Before the list: what changes in between is listed as changed.
    # A file without a digest counts as changed.
    live find . -xdev -ignore_readdir_race -path ".$work" -prune -o \
        -type f ! -newerct "@$filled" -print0 |
        live xargs -0 -r -n 500 sha256sum -z -- |
        sed -z 's#^\([0-9a-f]\{64\}\)  \.#@\1 #'
    live find . -xdev -ignore_readdir_race -path ".$work" -prune -o \
        -newerct "@$filled" ! -type d '(' \
        -type l -printf '/%P//l - - - - - - - \0' -o \
        -printf '/%P//%y - - - - - - -\0' ')' -o \
        -type f -printf '/%P//f %s %m %U %G %T@ - -\0' -o \
        -type d -printf '/%P//d - %m %U %G - - -\0' -o \
        -type l -printf '/%P//l - - %U %G - - - %l\0' -o \
        -printf '/%P//%y - %m %U %G - - -\0'
    note 'list of the root' "$?"
    printf '~end\0'
} | sort -z -T "$work" >"$file.new"
note sort "$?"
if [ -s "$work/failed" ]; then
    rm -f -- "$file.new"
    refuse "$(cat "$work/failed")"
fi
sync -- "$file.new" && mv -f -- "$file.new" "$file" && sync -- "$folder" ||
    refuse "$file cannot be written"
say entries "$(sed -z -n '/^\//p' "$file" | tr -cd '\0' | wc -c)"
