# shellcheck shell=sh
# The difference between the live root and its blank: finds what to compare with, lists, sorts, compares; then looks
# closer at what differs in nothing but a time. From the inventory: $declared, $dataset, $blank, $top, $lower, and
# $salt, which keeps digests of private files from being compared with those of other hosts.
#
# Output: records ended by NUL, as DriftProbe describes them.

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

open_view
if [ "$view$cross$type" = coveredbtrfs ]; then
    nested=$(cd / && subvolumes 600) && [ -z "$nested" ] || say gap failed \
        'subvolumes of the root are not looked into: that needs a mount namespace, which the host does not allow'
fi
# A root in memory mostly has /usr mounted: it is not filled with what the blank has there.
hide=''
if [ "$type" = tmpfs ] && [ -n "$base" ]; then
    hide=$(live sh -c '
        while read -r _ _ _ _ point _; do
            case $point in / | *[!a-zA-Z0-9/._-]*) continue ;; esac
            # What is not there below its covers holds nothing either.
            [ -n "$(ls -A ".$point" 2>/dev/null)" ] ||
                printf "%s " -path ".$point/*" -prune -o
        done </proc/self/mountinfo')
fi
verify=''
if [ -n "$base$manifest" ] && [ -n "$times$filled" ] && command -v cmp >/dev/null &&
    # Programs that do not know these options do not give this answer.
    [ "$(printf 'a\0a\0' | sed -z -n p 2>/dev/null | uniq -z -d | tr '\0' x)" = ax ]
then
    verify=1
fi
# Where a time says little, and attributes cannot be read, equal content counts as equal.
attributes=''
lenient=$filled
[ "$type" != overlay ] || lenient=1
if [ -n "$verify" ] && [ -n "$base" ] && command -v getfattr >/dev/null; then attributes=1; fi
[ -z "$inodes" ] || say inodes "$type"
c=- i=- d=-
[ -z "$times" ] || c=%C@
[ -z "$attributes" ] || [ -z "$times" ] || d=%C@
[ -z "$inodes" ] || i=%i
# $1: how to run find, or nothing; $2: its options; $3: what it leaves out; $4: since when
# the time of an inode's change says something, where it does not say the same in both trees.
list() {
    how=$1 leave=$3 since=$4
    set -f
    set -- find . $2 -ignore_readdir_race -path ".$work" -prune -o \
        ${skip:+-path "$skip" -prune -o} $leave
    [ -z "$since" ] || set -- "$@" -newerct "@$since" '(' \
        -type f -printf "/%P//f %s %m %U %G %T@ %C@ $i\\0" -o \
        -type d -printf "/%P//d - %m %U %G - %C@ $i\\0" ')' -o
    $how "$@" \
        -type f -printf "/%P//f %s %m %U %G %T@ $c $i\\0" -o \
        -type d -printf "/%P//d - %m %U %G - $d $i\\0" -o \
        -type l -printf "/%P//l - - %U %G - - $i %l\\0" -o \
        -printf "/%P//%y - %m %U %G - - $i\\0"
}
if [ -n "$packages" ]; then known_packages; fi
pack=''
if sort -z --compress-program=gzip </dev/null 2>/dev/null; then
    pack=--compress-program=gzip
fi
order() { sort -z -S 64M -T "$work" $pack; note "sort ($1)" "$?"; }
# Each job is one shell that waits for its pipe by itself, so that a signal reaches it there.
{
    {
        if [ -n "$packages" ]; then
            sed -z 's#$#//f - - - - - - -#' "$work/altered"
        elif [ -n "$manifest" ]; then
            sed -z -n '/^\//p' "$manifest"
        elif [ -n "$base" ]; then
            (cd "$base" && list '' -xdev "$hide" '')
        fi
        note 'list of the blank' "$?"
    } |
        order blank
} >"$work/blank" &
jobs="$jobs $!"
{
    {
        if [ -n "$packages" ]; then list_unowned
        elif [ -n "$cross" ]; then list live '' '' ''; else list live -xdev '' "$filled"; fi
        note 'list of the root' "$?"
    } | order root
} >"$work/live" &
jobs="$jobs $!"
# Mode, size and path of files that are on the live root only, or differ there: those that everybody may read, and,
# so that no cache keeps them out, the others.
some_files() {
    sed -z -n "s#^\\t\\(.*\\)//f \\([0-9]*\\) \\($1\\) .*\$#\\3 \\2 \\1#p" |
        { head -z -n 4000 >"$2"; cat >/dev/null; }
}
some_files '[0-7]*[4-7]' "$work/files" <"$work/small" &
jobs="$jobs $!"
some_files '[0-7]*[0-3]' "$work/private" <"$work/closed" &
jobs="$jobs $!"
if [ -n "$verify" ]; then
    {
        sed -z -n 's#^\t\{0,1\}\(.*//[fd] [^ ]* [^ ]* [^ ]* [^ ]* [^ ]*\) [^ ]* [^ ]*$#\1#p' |
            uniq -z -d | sed -z 's#//[fd] [^/]*$##'
    } <"$work/pairs" >"$work/doubtful" &
    jobs="$jobs $!"
    { comm -z -3 "$work/blank" "$work/live"; note comm "$?"; } |
        tee "$work/pairs" "$work/small" "$work/closed"
    note tee "$?"
else
    { comm -z -3 "$work/blank" "$work/live"; note comm "$?"; } | tee "$work/small" "$work/closed"
    note tee "$?"
fi
# Whoever waits for a partner that has failed would wait until the time limit.
if [ -s "$work/failed" ]; then
    # One that has ended needs no signal.
    for job in $jobs; do kill "$job" 2>/dev/null; done
fi
for job in $jobs; do wait "$job" || note 'background work' "$?"; done
jobs=
if [ -s "$work/doubtful" ] && [ -n "$manifest" ]; then
    same_as_recorded
elif [ -s "$work/doubtful" ]; then
    live xargs -0 -n 256 sh -c '
        base=$1 lenient=$2 attributes=$3
        shift 3
        look() { (cd "$1" && getfattr -h -d -m - -e hex -- ".$path" 2>/dev/null); }
        # What cannot be read, or not within a limit, stays different.
        for path do
            if [ -f ".$path" ] && ! timeout 300 cmp -s -- "$base$path" ".$path"; then continue; fi
            if [ -n "$attributes" ]; then
                then=$(look "$base") && now=$(look .) && [ "$then" = "$now" ] || continue
            elif [ -z "$lenient" ]; then
                continue
            fi
            printf "=%s\0" "$path"
        done' sh "$base" "$lenient" "$attributes" <"$work/doubtful"
    note 'closer look' "$?"
fi

# What files hold; what cannot be told is left out, and counts as unknown. A pipe that was put in a file's place
# would never be read to its end: the first that is not read in time ends it.
#
# What keys and credentials look like, a pattern a line, in text or as the first bytes of a key store: a text before
# them may be a byte order mark, or blanks. Certificates and lists of trusted ones are none.
keys='^[^!-~]*-----BEGIN .*\(PRIVATE KEY\|OpenVPN Static key\|AGE ENCRYPTED FILE\)
-----BEGIN [A-Z ]*PRIVATE KEY-----\\[nr]
^AGE-SECRET-KEY-1\|^AGE-PLUGIN-\|^age-encryption\.org/v1\|^PuTTY-User-Key-File-
^ *PrivateKey *=\|^[ -]*client-key-data *:\|"private_key" *:
"kty" *:.*"d" *:\|"d" *:.*"kty" *:\|^ *"d" *: *"[A-Za-z0-9_-]\{16,\}
_authToken *=\|^//.*:_\(auth\|password\) *=\|"auth" *: *"[A-Za-z0-9+/=]\{8,\}
^ *aws_secret_access_key *=\|"refresh_token" *: *"\|"client_secret" *: *"
^[a-z]*://[^ :/@]*:[^ /@]*@[^ ]*$\|^ *machine  *[^ ].* password \|^" \(TOTP_AUTH\|HOTP_COUNTER\|RATE_LIMIT\)
^(\?[0-9:]*\(protected-\|shadowed-\)\{0,1\}private-key\|^Key: ([a-z-]*private-key
^Whxqht+dQJax1aZeCGLxm\|^DHzAexF2RZGcSwvqCLwg/\|^k6iUCUh0RJCQyvL8k8q1U
^GnomeKeyring
'
# LUKS, KeePass, Java (JKS, JCEKS), PKCS#12, and PKCS#8, PKCS#1 and SEC 1 without armour: a dot is any byte, but the
# one that ends a line.
keys=$keys$(printf '%b' '^LUKS\0272\0276\n^\0003\0331\0242\0232\0147\0373\0113\0265\n' \
    '^\0376\0355\0376\0355\n^\0316\0316\0316\0316\n' \
    '^0\0202..\0002\0001\00030\n^0\0200\0002\0001\00030\n^.\\{0,1\\}\0002\0001\00030\0202\n' \
    '^0\0202..\0002\0001.0..*\0006.\\*\0206H\n^0\0202..\0002\0001.\0002\0202\n^0[wt]\0002\0001\0001\0004\n')
open_files() { sed -z -n -e '/^\([0-7]*00\|0\) /d' -e 's/^[0-7]* [0-9]\{1,5\} /./p' "$work/files" "$work/private"; }
private_files() {
    sed -z -n 's/^\([0-7]*00\|0\) [0-9]\{1,5\} //p' "$work/private" | { head -z -n 200; cat >/dev/null; }
}
small_files() { sed -z -n 's/^[0-7]* [0-9]\{1,5\} /./p' "$work/private" "$work/files"; }
large_files() { sed -z -n 's/^[0-7]* [0-9]\{6,\} /./p' "$work/private" "$work/files"; }
# Which of the named files hold a key: small ones are read to their end, of large ones the beginning. $1: how to run
# it, or nothing.
holding_keys() {
    $1 xargs -0 -r -n 100 sh -c '
        keys=$1
        shift
        for path do
            shift
            if [ -f "$path" ] && ! [ -L "$path" ]; then set -- "$@" "$path"; fi
        done
        [ "$#" -ne 0 ] || exit 0
        timeout 30 grep -alZ "$keys" -- "$@"
        [ "$?" -ne 124 ] || exit 255' sh "$keys" 2>/dev/null
}
beginning_with_keys() {
    { head -z -n 500; cat >/dev/null; } | $1 xargs -0 -r -n 100 sh -c '
        keys=$1
        shift
        for path do
            [ -f "$path" ] && ! [ -L "$path" ] || continue
            # What cannot be read is not known to hold one.
            timeout 10 head -c 4096 -- "$path" | grep -a "$keys" >/dev/null && printf "%s\0" "$path"
        done
        exit 0' sh "$keys" 2>/dev/null
}
if [ -s "$work/files" ] || [ -s "$work/private" ]; then
    small_files | holding_keys live | sed -z 's#^\./#!/#'
    large_files | beginning_with_keys live | sed -z 's#^\./#!/#'
fi
if { [ -s "$work/files" ] || [ -s "$work/private" ]; } && command -v sha256sum >/dev/null; then
    open_files | live xargs -0 -r -n 100 sh -c '
        for path do
            shift
            if [ -f "$path" ] && ! [ -L "$path" ]; then set -- "$@" "$path"; fi
        done
        [ "$#" -ne 0 ] || exit 0
        timeout 30 sha256sum -z -- "$@"
        # What it could not read has no digest.
        [ "$?" -ne 124 ] || exit 255' sh 2>/dev/null |
        sed -z -n 's#^\([0-9a-f]\{64\}\)  \.#@\1 #p'
    # An error is seen beside the digest, which would be that of what was read until then.
    private_files | live xargs -0 -r -n 100 sh -c '
        salt=$1
        shift
        for path do
            [ -f ".$path" ] && ! [ -L ".$path" ] || continue
            digest=$({ { printf %s "$salt" && timeout 30 cat -- ".$path" || echo "$?:" >&3; } | sha256sum; } 3>&1)
            case $digest in
                *124:*) exit 255 ;;
                *:*) ;;
                *) printf "@%.64s %s\0" "$digest" "$path" ;;
            esac
        # What could not be read has no digest.
        done' sh "$salt" 2>/dev/null
fi

# What the boot destroys beside the root: in mounts that it erases ($erases, one a line), and in memory that
# is mounted where nobody would look for it. Where one of them is covered, it is not what is seen.
holds_upper() {
    upper=${options#*upperdir=}
    work_of=${options#*workdir=}
    [ "$upper" != "$options" ] && [ "$work_of" != "$options" ] || return 1
    upper=${upper%%,*} work_of=${work_of%%,*}
    while :; do
        upper=${upper#*/}
        work_of=${work_of#*/}
        [ -n "$upper" ] && [ -n "$work_of" ] || return 1
        [ -d "$1/$upper" ] && [ -d "$1/$work_of" ] && return 0
        case $upper:$work_of in */*:*/*) ;; *) return 1 ;; esac
    done
}
# The upper directory of an overlay, where it is in memory: what is written to the overlay lands there.
upper_in_memory() {
    memory=${1#*upperdir=}
    [ "$memory" != "$1" ] || return 1
    memory=${memory%%,*}
    case $(stat -f -c %T -- "$memory" 2>/dev/null) in tmpfs | ramfs) ;; *) return 1 ;; esac
}
beside_root() {
    own=''
    while read -r _ _ device _ point _; do
        [ "$point" != / ] || own=$device
    done </proc/self/mountinfo
    while read -r _ _ device _ point rest; do
        rest=${rest#*" - "}
        memory=''
        case $point in
            / | /run | /run/* | /tmp | /tmp/* | /dev | /dev/* | /sys | /sys/* | /proc | /proc/*) continue ;;
        esac
        case $newline$erases$newline in
            *"$newline$point$newline"*) ;;
            *)
                case ${rest%% *} in
                    tmpfs | ramfs) ;;
                    overlay) upper_in_memory "$rest" || continue ;;
                    *) continue ;;
                esac
                # The root itself, bound to another place, is listed already, and its blank is no loss.
                case $base/$manifest/ in "$point"/* | */"$point"/*) continue ;; esac
                if [ "$device" = "$own" ] || holds_upper "$point"; then continue; fi
                ;;
        esac
        printf '%s\t%s\n' "$point" "$memory"
    done </proc/self/mountinfo | sort -u
}
tab=$(printf '\t')
beside_root | while IFS=$tab read -r point memory; do
    case $point in
        *[!a-zA-Z0-9/._@:+,=-]*)
            say gap failed "what lies in the mount at $point cannot be listed because of its name"
            continue
            ;;
    esac
    [ -d "$point" ] && [ "$(stat -c %m -- "$point")" = "$point" ] || continue
    say erased "$point"
    # In an upper directory a character device stands for what was deleted.
    nested=$(cd "${memory:-$point}" && subvolumes 600) ||
        say gap failed "not every subvolume in $point can be looked into"
    (cd "${memory:-$point}" && set -f && IFS=$newline && set -- $nested && unset IFS &&
        find . "$@" -mindepth 1 -xdev -ignore_readdir_race \
        '(' -path ./lost+found -o -path './.ebb-canary*' ')' -prune -o ${memory:+-type c -prune -o} \
        -type f -printf '\t%p//f %s %m %U %G %T@ %C@ -\0' -o \
        -type d -printf '\t%p//d - %m %U %G - %C@ -\0' -o \
        -type l -printf '\t%p//l - - %U %G - - - %l\0' -o \
        -printf '\t%p//%y - %m %U %G - - -\0' || note "list of $point" "$?") | sed -z "s#^\t\.#\t$point#"
    note "list of $point" "$?"
    cd "${memory:-$point}" || continue
    # What could not be listed has been said.
    inside() {
        find . -mindepth 1 -xdev -ignore_readdir_race -type f -size "$1" -print0 2>/dev/null |
            { head -z -n 4000; cat >/dev/null; }
    }
    { inside -100000c | holding_keys ''; inside +99999c | beginning_with_keys ''; } | sed -z "s#^\./#!$point/#"
    cd /
done

# The originals of adopted paths, on the root until it is erased, that nobody has written to since they were
# compared with the copy: by the notes of adopt.sh on persistent storage ($storages, one a line).
originals() {
    read -r boot </proc/sys/kernel/random/boot_id
    read -r up _ </proc/uptime
    clock=$(($(date +%s%2N) - ${up%.*}${up#*.}))
    printf '%s\n' "$storages" | while IFS= read -r storage; do
        # Others' notes are worth nothing.
        [ "$(stat -c %u:%a:%F -- "$storage/.ebb/adopt" 2>/dev/null)" = 0:700:directory ] || continue
        for journal in "$storage"/.ebb/adopt/*; do
            read -r in_boot since offset mechanism 2>/dev/null <"$journal/settled" || continue
            # In another boot, or after the clock was set, the time of a write cannot be compared.
            case $in_boot:$offset in "$boot":*[!0-9]* | "$boot": | "$boot":0*) continue ;; "$boot":*) ;; *) continue ;; esac
            by=$((clock - offset))
            [ "${by#-}" -le 20 ] || continue
            # Nothing vouches for what is still to come: a note of a later moment is somebody's guess.
            case $since in *[!0-9.]*) continue ;; ??????????.?????????) ;; *) continue ;; esac
            [ "${since%.*}${since#*.}" -le "$(date +%s%N)" ] || continue
            path=$(printf '%bx' "$(cat "$journal/path")")
            path=${path%x}
            case $mechanism in
                bind) [ "$view" = bare ] && place=$path || continue ;;
                symlink) place=$path.ebb-original ;;
                *) continue ;;
            esac
            # What cannot be examined is not known to be as it was.
            newer=$(live find ".$place" -newerct "@$since" -print -quit 2>&1 && echo none)
            [ "$newer" != none ] || say original "$path"
        done
    done
}
[ -z "$storages" ] || originals

say end
if [ -s "$work/failed" ]; then
    cat "$work/failed" >&2
    exit 1
fi
