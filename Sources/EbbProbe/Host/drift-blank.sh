# shellcheck shell=sh
# shellcheck disable=SC2034 # Its variables are for what follows it.
# What the live root is compared with: ahead of drift.sh. From the inventory: $declared, $dataset,
# $blank, $top, $lower.

# The type, source and options of what is mounted at `/` last.
while read -r _ _ _ _ point rest; do
    [ "$point" = / ] || continue
    rest=${rest#*" - "}
    type=${rest%% *}
    rest=${rest#* }
    source=${rest%% *}
    options=${rest#* }
done </proc/self/mountinfo

# A list of the fresh root that baseline.sh has written.
recorded() {
    if ! command -v sha256sum >/dev/null; then
        unknown toolMissing 'sha256sum is needed to compare with what was written down'
    elif [ "$(head -z -n 1 -- "$1" | tr -d '\0')" != '#ebb-blank 1' ] ||
        [ "$(tail -z -n 1 -- "$1" | tr -d '\0')" != '~end' ]
    then
        unknown mismatch "what $1 says of the fresh root is not whole"
    else
        manifest=$1
        filled=$(filling_time)
    fi
}
# Content by digests; attributes were not written down. What cannot be read stays different.
same_as_recorded() {
    live xargs -0 -r -n 500 sh -c '
        for path do
            if [ -d ".$path" ] && ! [ -L ".$path" ]; then printf "=%s\0" "$path"; fi
        done' sh <"$work/doubtful"
    note 'closer look' "$?"
    sed -z -n '/^@/p' "$manifest" >"$work/digests"
    note 'closer look' "$?"
    live xargs -0 -r -n 500 sh -c '
        for path do
            if [ -f ".$path" ] && ! [ -L ".$path" ]; then printf ".%s\0" "$path"; fi
        done' sh <"$work/doubtful" |
        live xargs -0 -r -n 100 timeout 300 sha256sum -z -- |
        sed -z 's#^\([0-9a-f]\{64\}\)  \.#@\1 #' | sort -z -T "$work" |
        comm -z -12 - "$work/digests" | sed -z 's#^.\{66\}#=#'
    note 'closer look' "$?"
}

# $base: a directory that holds the blank, or nothing where the blank is empty; $inodes and $times:
# whether those can be compared between the two trees.
base=''
inodes=''
times=''
skip=''
cross=''
filled=''
packages=''
manifest=''
unknown() {
    base=''
    say gap "$@"
}
# What speaks of the blank itself, and of what the root was made from, is no mere gap of the list.
gone() {
    base=''
    say origin "$@"
}
package_manager() {
    if [ -d /var/lib/dpkg/info ] && command -v dpkg-query >/dev/null; then
        echo dpkg
    # Where rpm only is a tool, its database does not hold itself.
    elif command -v rpm >/dev/null && rpm -q --quiet rpm 2>/dev/null; then
        echo rpm
    else
        return 1
    fi
}
content() {
    if [ -z "$blank" ]; then
        [ "$declared" != mkfs ] ||
            unknown notConfigured 'nothing says what the fresh root is filled with'
    elif [ -f "$blank" ]; then
        recorded "$blank"
    elif ! [ -d "$blank" ]; then
        unknown mismatch "there is no directory $blank with the fresh root's content"
    else
        base=$blank
        filled=$(filling_time)
    fi
}
lower_tree() {
    times=1
    found=${options#*lowerdir=}
    if [ "$found" != "$options" ]; then found=${found%%,*}; else found=''; fi
    for base in "$lower" /media/root-ro "$found" ''; do
        [ -n "$base" ] && [ -d "$base/etc" ] && break
    done
    if [ -n "$lower" ] && [ "$base" != "$lower" ]; then
        unknown mismatch "there is no lower tree at $lower"
    elif [ -z "$base" ]; then
        unknown notConfigured 'the lower tree of the overlay cannot be reached'
    fi
}
# $2 of what `btrfs subvolume show` said, without the names of snapshots that follow below it.
newline='
'
shown() {
    value=$(printf '%s\n' "$1" | sed -n "s/^[[:space:]]*$2:[[:space:]]*//p")
    printf '%s\n' "${value%%"$newline"*}"
}
same_blank() {
    root=$(btrfs subvolume show / 2>&1) && origin=$(btrfs subvolume show "$base" 2>&1) || {
        say origin failed 'btrfs does not say whether the root was made from this blank'
        return 0
    }
    theirs=$(shown "$origin" UUID)
    [ -n "$theirs" ] && [ "$(shown "$root" 'Parent UUID')" = "$theirs" ] && return 0
    # Before the first erasing boot the blank is a snapshot of the root, not the other way.
    mine=$(shown "$root" UUID)
    [ -n "$mine" ] && [ "$mine" = "$(shown "$origin" 'Parent UUID')" ]
}
case $type in
    zfs)
        base=/.zfs/snapshot/$blank
        inodes=1
        times=1
        skip=./.zfs
        if [ -z "$blank" ]; then
            unknown notConfigured 'the inventory does not name the blank snapshot'
        elif ! ls -d "$base/." >/dev/null 2>&1; then
            gone mismatch "there is no snapshot $source@$blank"
        elif [ -n "$dataset" ] && [ "$dataset" != "$source" ]; then
            say origin mismatch "the root is $source, the inventory says $dataset"
        fi
        ;;
    btrfs)
        base=${top%/}/$blank
        inodes=1
        times=1
        cross=1
        if [ -z "$blank" ]; then
            unknown notConfigured 'the inventory does not name the blank subvolume'
        elif [ -z "$top" ]; then
            unknown notConfigured \
                'the inventory does not say where the top level of the file system is mounted'
        elif ! kind=$(stat -f -c %T -- "$top" 2>/dev/null) || [ "$kind" != btrfs ]; then
            unknown mismatch "the top level of the file system is not mounted at $top"
        elif ! [ -d "$base" ]; then
            gone mismatch "there is no blank subvolume at $base"
        elif ! command -v btrfs >/dev/null; then
            say origin toolMissing \
                'btrfs is not installed: whether the root was made from this blank is unknown'
        elif ! same_blank; then
            say origin mismatch "the root was not made from the blank at $base"
        fi
        ;;
    overlay | overlayfs)
        if [ -f "$lower" ]; then recorded "$lower"; else lower_tree; fi
        ;;
    tmpfs | ramfs | rootfs) content ;;
    *)
        if [ "$declared" = mkfs ]; then
            content
        elif ! packages=$(package_manager); then
            skip=./usr
            unknown notConfigured \
                'the root has no blank and no package database: what is outside /usr is listed'
        elif [ "$declared" != none ]; then
            unknown notConfigured \
                'the root has no blank: what no package brought is listed'
        fi
        ;;
esac

# For a root without a blank, what packages brought stands for it: `owned` gets the paths that are as
# a package brought them, `altered` its configuration files that were changed or removed since; both
# sorted, ended by NUL.

# A merged /usr has the paths that packages name without it.
both_names() { sed -e p -e 's#^/\(bin\|sbin\|lib\|lib32\|lib64\|libx32\)/#/usr/\1/#'; }
altered_files() {
    if [ "$packages" = dpkg ]; then
        dpkg-query -W -f='${Conffiles}\n' >"$work/said"
        note 'list of configuration files' "$?"
        sed -n 's#^ \(/.*\) \([0-9a-f]\{32\}\)$#\2  \1#p' "$work/said" | sort -u >"$work/small.now"
        # What md5sum cannot read stays in the list of the altered.
        {
            cut -c 35- "$work/small.now" | tr '\n' '\0' | xargs -0 -r md5sum -- 2>/dev/null
        } | sort -u | comm -23 "$work/small.now" - | cut -c 35-
    else
        # Its status counts what differs: that it could not look is in its complaints.
        { rpm -Va --nodeps --noscripts 2>"$work/small.now" || :; } |
            sed -n -e 's#^..5[^ ]* *c \(/.*\)$#\1#p' -e 's#^missing *c \(/.*\)$#\1#p'
        ! grep '^error: ' "$work/small.now" >/dev/null || note 'list of altered files' 1
    fi
}
owned_files() {
    if [ "$packages" = dpkg ]; then cat /var/lib/dpkg/info/*.list; else rpm -qal; fi
    note 'list of packages' "$?"
}
known_packages() {
    altered_files | sort -u | tr '\n' '\0' >"$work/altered"
    owned_files | both_names | tr '\n' '\0' | sort -z -u -T "$work" |
        comm -z -23 - "$work/altered" >"$work/owned"
    note 'list of packages' "$?"
}
# The records of what no package brought, or what was altered.
list_unowned() {
    {
        live find . -xdev -ignore_readdir_race -path ".$work" -prune -o \
            -path ./var/lib/dpkg -prune -o -path ./var/lib/rpm -prune -o \
            -mindepth 1 -printf '/%P\0'
        note 'list of the root' "$?"
    } | sort -z -T "$work" | comm -z -23 - "$work/owned" | sed -z 's#^#.#' | {
        live xargs -0 -r -n 500 sh -c 'exec find "$@" -maxdepth 0 -ignore_readdir_race \
            -type f -printf "%p//f %s %m %U %G %T@ - -\0" -o \
            -type d -printf "%p//d - %m %U %G - - -\0" -o \
            -type l -printf "%p//l - - %U %G - - - %l\0" -o \
            -printf "%p//%y - %m %U %G - - -\0"' sh
        note 'list of the root' "$?"
    } | sed -z 's#^\.##'
}
