# shellcheck shell=sh
# Moves one declared path onto persistent storage, or back; sent over ssh behind its variables.
#
# Every step is journaled under $storage/.ebb/adopt/$id before its effect starts, so that a run that
# was cut short is continued by running it again. The data at $path is only ever read: it stays
# beneath the bind mount, or as $path.ebb-original, until a later boot has proven the copy.
#
# While the path is moved, a marker stands beside it on the root. After a crash the marker tells a
# root that is still the same (the path holds the newest data) from one that was erased since (only
# the copy does).
#
# Root acts by path here, so it acts only where nobody else can change the path: only_root is asked of
# each directory in which a name is made, moved, mounted on or removed, before the first of them is.
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin:/run/current-system/sw/bin
LC_ALL=C
export PATH LC_ALL
# The path may be the home that this began in.
cd /

journal=$storage/.ebb/adopt/$id
table=$storage/.ebb/persistence.tab
new=$target.ebb-new
original=$path.ebb-original
restored=$path.ebb-restore
parent=${path%/*}
marker=$parent/.ebb-adopt-$id
under=/run/ebb-under-$id
tab=$(printf '\t')
attempts=0
given=
changed=no
locked=no
state=none

# --- Talking -------------------------------------------------------------------------------------

say() { printf 'ebb-adopt:%s\t%s\t%s\t%s\n' "$nonce" "$1" "$2" "$(printf %s "$3" | base64 -w0)"; }
note() { say note "$1" "$2"; }

end() {
    resume_units
    if [ "$locked$state" = yesnone ]; then rm -rf -- "$journal" "$marker"; fi
    say end "$1:$2" "$3"
    exit 0
}
refuse() { end refused "$1" "$2"; }
fail() { end failed "$1" "$2"; }
# As long as nothing is in effect, what was made for it goes as well.
fail_clean() {
    case $state in
        begun | copying | copied) if ! root_is_newer; then abandon "$@"; fi ;;
    esac
    fail "$@"
}

# The states, in the order in which they are reached: begun copying copied compared placing placed
# listed effective; and restoring on the way back.
record() {
    printf '%s\n' "$1" >"$journal/state.new" && sync "$journal/state.new" \
        && mv -T -- "$journal/state.new" "$journal/state" && sync "$journal" \
        || fail_clean journal "cannot write the journal in $journal"
    state=$1
    changed=yes
    say step "$1" ''
}

# keep NAME VALUE: a fact that a later run needs.
keep() {
    printf '%s\n' "$2" >"$journal/$1" && sync "$journal/$1" "$journal" \
        || fail_clean journal "cannot write the journal in $journal"
}
kept() { if [ -e "$journal/$1" ]; then cat "$journal/$1"; fi; }

# Closes the journal; without its state file, what else is left of it means nothing.
forget() {
    resume_units
    rm -f -- "$journal/state" && sync "$journal"
    state=none
    rm -f -- "$marker"
    rm -rf -- "$journal"
    mkdir -- "$journal"
}

# --- Whose directories these are -----------------------------------------------------------------

# Fails, and sets why, unless only root can change what the directory $1 is: each directory from / down
# is root's, no link, and writable by nobody else. A sticky one (/tmp) will do on the way, not at the
# end. Where the end does not exist yet, the last directory that does counts as the end.
only_root() {
    part=/
    below=${1#/}
    while :; do
        facts=$(stat -c '%u:%F:%a' -- "$part") || {
            why="$part cannot be examined"
            return 1
        }
        case $facts in
            0:directory:*) ;;
            *:'symbolic link':*) why="$part is a symbolic link" ;;
            0:*) why="$part is not a directory" ;;
            *) why="$part belongs to $(stat -c %U -- "$part"), who can change what is in it" ;;
        esac
        case $facts in 0:directory:*) ;; *) return 1 ;; esac
        next=${part%/}/${below%%/*}
        if [ -z "$below" ] || ! exists "$next"; then last=yes; else last=no; fi
        bits=$((0${facts##*:}))
        if [ "$((bits & 022))" != 0 ] && { [ "$last" = yes ] || [ "$((bits & 01000))" = 0 ]; }; then
            why="others than root may write to $part (mode ${facts##*:})"
            return 1
        fi
        [ "$last" = no ] || return 0
        part=$next
        case $below in */*) below=${below#*/} ;; *) below= ;; esac
    done
}

# Fails, and sets why, where the directory $1 has a part that not everybody may pass, and $2 has none:
# what $1 protects would lie open in $2.
no_more_open() {
    closed=$(closed_part "$1")
    [ -n "$closed" ] && [ -z "$(closed_part "$2")" ] || return 0
    why=$closed
    return 1
}
closed_part() {
    part=$1
    while [ -n "$part" ]; do
        if [ -d "$part" ] && [ "$((0$(stat -c %a -- "$part") & 1))" = 0 ]; then
            printf %s "$part"
            return
        fi
        part=${part%/*}
    done
}

# --- Looking -------------------------------------------------------------------------------------

# Directories that whoever needs the path may enter, however private this script is.
make_directories() { (umask 022 && mkdir -p -- "$1"); }

exists() { [ -e "$1" ] || [ -L "$1" ]; }

is_empty_directory() {
    [ -d "$1" ] && [ ! -L "$1" ] && [ -n "$(find "$1" -maxdepth 0 -empty -printf x)" ]
}

look() {
    if [ -L "$1" ]; then
        kind=symlink
    elif [ -d "$1" ]; then
        kind=directory
    elif [ -f "$1" ]; then
        kind='file'
    elif [ -e "$1" ]; then
        kind=other
    else
        kind=absent
    fi
}

in_effect() {
    case $mechanism in
        bind) [ ! -L "$path" ] && [ "$path" -ef "$target" ] ;;
        symlink) [ -L "$path" ] && [ "$(readlink -n -- "$path" && echo x)" = "${target}x" ] ;;
    esac
}

# Whether the root was erased since this move began.
root_is_newer() { [ "$(kept marker)" = yes ] && [ ! -e "$marker" ]; }

# Archives what must survive a copy, as one stream: names, kinds, owners by number, modes, times,
# link targets, hard links, content, extended attributes and access lists.
archive() {
    from=$1
    shift
    tar -C "$from" --no-unquote --format=posix --numeric-owner --acls --xattrs --xattrs-include='*' \
        --pax-option=exthdr.name=p,delete=atime,delete=ctime \
        --xattrs-exclude='system.posix_acl_*' --xattrs-exclude='btrfs.*' "$@" 2>"$journal/tar.err"
    echo $? >"$journal/tar.status"
}

# Sets print to a digest of the tree or file; fails when it could not be read whole.
fingerprint() {
    if [ -d "$1" ] && [ ! -L "$1" ]; then
        print=$(archive "$1" --sort=name --one-file-system -cf - . | sha256sum)
    else
        print=$(archive "${1%/*}/" --transform='s/.*/x/rSH' -cf - -- "./${1##*/}" | sha256sum)
    fi
    [ "$(cat "$journal/tar.status")" = 0 ]
}

# File systems list extended attributes in orders of their own. This slower digest, one archive per
# file with its lines sorted, does not depend on that; it does not see which names are hard links.
# It fails when anything could not be read: two trees that cannot be read would look the same.
slow_fingerprint() {
    rm -f -- "$journal/slow.err"
    print=$(
        {
            find "$1" -xdev ! -type s -printf '%P\0' | sort -z
            # What tar only warns of is no failure.
            find "$1" -xdev ! -type s -print0 | sort -z | xargs -0 -n1 sh -c '
                { tar -C "${1%/*}/" --no-unquote --no-recursion --format=posix --numeric-owner --acls --xattrs \
                    --pax-option=exthdr.name=p,delete=atime,delete=ctime --xattrs-include="*" \
                    --xattrs-exclude="system.posix_acl_*" --xattrs-exclude="btrfs.*" \
                    --transform="s/.*/x/rSH" -cf - -- "./${1##*/}" 2>/dev/null || echo "status $?" >>"$0"; } \
                    | tr "\000" "\n" | sort | sha256sum' "$journal/slow.err"
        } 2>>"$journal/slow.err" | sha256sum
    )
    [ ! -s "$journal/slow.err" ]
}

# What a listing alone tells of a tree: where two differ in that, no slower look is needed.
listing() {
    {
        find "$1" -xdev ! -type s \( -type f -printf '%P//f %m %U %G %s %T@\0' -o -printf '%P//%y %m %U %G %l\0' \) ||
            echo "$1 cannot be listed"
    } | sort -z | sha256sum
}

# Whether two paths hold the same, in both directions; sets left and print to their digests.
same() {
    fingerprint "$1" || return 1
    left=$print
    fingerprint "$2" || return 1
    [ "$left" != "$print" ] || return 0
    [ "$(listing "$1")" = "$(listing "$2")" ] || return 1
    quick_left=$left
    quick_right=$print
    slow_fingerprint "$1" || return 1
    left=$print
    slow_fingerprint "$2" || return 1
    [ "$left" = "$print" ] || return 1
    left=$quick_left
    print=$quick_right
}

# A few lines that say where two paths differ.
differences() {
    if [ -d "$1" ] && [ -d "$2" ]; then
        # Only words for a person: what is not read is not shown.
        tar -C "$1" --one-file-system -cf - . 2>/dev/null | tar -C "$2" -df - 2>&1 | head -n 5
        tar -C "$2" --one-file-system -cf - . 2>/dev/null | tar -C "$1" -df - 2>&1 \
            | grep -a 'No such file' | head -n 5
    else
        printf '%s and %s differ' "$1" "$2"
    fi | { head -c 2000; cat >/dev/null; }
}

# Processes that have a file of the path in their memory and can write to it there: no time of the file tells.
mappers() {
    # What ends meanwhile is complained of, and writes no more.
    grep -aH ' .w.s ' /proc/[0-9]*/maps 2>/dev/null \
        | sed -n 's|^/proc/\([0-9]*\)/maps:[^ ]* .w.s [^ ]* [^ ]* [^ ]*  *\(/.*\)|\1 \2|p' \
        | while read -r pid mapped; do
            case $mapped in "$path" | "$path"/* | "$target" | "$target"/*) printf '%s\n' "$pid" ;; esac
        done
}

# Processes that work in the path, or have it as their root: what they name next would still be the original. Those
# that wait for this script do not count.
dwellers() {
    waiting=" $$ "
    pid=$$
    # The second field is a name, which may hold anything.
    while [ "$pid" -gt 1 ] && status=$(cat "/proc/$pid/stat" 2>/dev/null); do
        status=${status##*) }
        status=${status#* }
        pid=${status%% *}
        waiting="$waiting$pid "
    done
    # What ends meanwhile is complained of, and writes no more.
    find /proc/[0-9]*/cwd /proc/[0-9]*/root -maxdepth 0 \( -lname "$glob" -o -lname "$glob/*" \
        -o -lname "$target_glob" -o -lname "$target_glob/*" \) 2>/dev/null \
        | while IFS=/ read -r _ _ pid _; do
            case $waiting in *" $pid "*) ;; *) printf '%s\n' "$pid" ;; esac
        done
}

# Names each process that has a file of the path, or of the target behind a link, open for writing, or works in
# it; sets units to their services.
writers() {
    units=
    found=$(
        {
            mappers
            dwellers
            # What ends meanwhile is complained of, and writes no more.
            find /proc/[0-9]*/fd -maxdepth 1 \( -lname "$glob" -o -lname "$glob/*" \
                -o -lname "$target_glob" -o -lname "$target_glob/*" \) 2>/dev/null \
                | while IFS=/ read -r _ _ pid _ number; do
                    flags=$(sed -n 's/^flags:[[:space:]]*//p' "/proc/$pid/fdinfo/$number" 2>/dev/null)
                    case $flags in *[1256]) printf '%s\n' "$pid" ;; esac
                done
        } | sort -un | tail -n 20
    )
    said=
    for pid in $found; do
        # Only the system manager names what is directly in its slices; below a service, and in a
        # user's slice, users choose the names.
        unit=$(sed -n 's|^0::/system\.slice/\([^/]*\.slice/\)*\([^/]*\.service\)\(/.*\)\{0,1\}$|\2|p' \
            "/proc/$pid/cgroup" 2>/dev/null)
        # One that has ended has no name.
        program=$(cat "/proc/$pid/comm" 2>/dev/null) || program='a program that has ended since'
        said="$said $program (pid $pid${unit:+, $unit})"
        case " $units " in *" $unit "*) ;; *) units="$units $unit" ;; esac
    done
    [ -n "$found" ]
}

# Refuses while somebody writes, or stops the services concerned when that was asked for.
quiet() {
    writers || return 0
    if [ "$pause" = yes ] && [ -n "$units" ]; then
        for unit in $units; do
            keep paused "$(kept paused) $unit"
            note pause "stopping $unit"
            systemctl stop -- "$unit" || note pause "cannot stop $unit"
        done
        writers || return 0
    fi
    $1 busy "files are open for writing, or the path is the working directory, of$said: stop them and try again"
}

resume_units() {
    [ -e "$journal/paused" ] || return 0
    for unit in $(kept paused); do
        note pause "starting $unit"
        systemctl start -- "$unit" || note pause "cannot start $unit"
    done
    rm -f -- "$journal/paused"
}

# --- The table -----------------------------------------------------------------------------------

listed() { [ -e "$table" ] && grep -qxF -- "$line" "$table"; }

# Writes the table anew without the line of this path, followed by $1 if it is not empty. Each step's
# status counts: on a full disk the table stays as it is.
write_table() {
    rm -f -- "$table.new"
    if [ -e "$table" ]; then
        grep -vxF -- "$line" "$table" >"$table.new"
        # 1 means that no other line is left.
        [ $? -le 1 ] || fail table "cannot write $table.new"
    else
        echo '# The persistence set, one path a line: mechanism, path, target. Written by ebb.' \
            >"$table.new" || fail table "cannot write $table.new"
    fi
    if [ -n "$1" ]; then
        printf '%s\n' "$1" >>"$table.new" || fail table "cannot write $table.new"
    fi
    sync "$table.new" && mv -T -- "$table.new" "$table" && sync "$storage/.ebb" \
        || fail table "cannot write $table"
}

decode() {
    decoded=$(printf '%bx' "$1")
    decoded=${decoded%x}
}

# Refuses a path that another line of the table holds, contains or lies in.
check_table() {
    [ -e "$table" ] || return 0
    while IFS=$tab read -r other_mechanism other other_target || [ -n "$other_mechanism" ]; do
        case $other_mechanism in '' | '#'*) continue ;; esac
        [ "$other_mechanism$tab$other$tab$other_target" != "$line" ] || continue
        decode "$other"
        [ "$decoded" != "$path" ] || refuse listed-differently \
            "the host's table keeps this path by $other_mechanism at $other_target: roll that back first"
        case $path in "$decoded"/*) refuse overlap "the path lies in $decoded, which is kept already" ;; esac
        case $decoded in "$path"/*) refuse overlap "the path contains $decoded, which is kept already" ;; esac
    done <"$table"
}

# --- Asking whether the host is fit --------------------------------------------------------------

check_host() {
    [ "$(id -u)" = 0 ] || refuse not-root "this needs root: set ansible_become"
    for tool in base64 cp find flock mount mountpoint mv readlink sha256sum sort stat sync tar umount \
        xargs; do
        command -v "$tool" >/dev/null || refuse tool-missing "$tool is not installed on the host"
    done
    for tool in cp find tar; do
        # One that does not know the question is another.
        case $("$tool" --version 2>/dev/null) in
            *GNU*) ;;
            *) refuse tool-missing "$tool is not GNU's: install coreutils, findutils and tar" ;;
        esac
    done
    mountpoint -q -- "$storage" || refuse storage-not-mounted \
        "nothing is mounted at $storage: mount persistent storage there first"
    case $(stat -f -c %T -- "$storage") in
        tmpfs | ramfs | overlayfs) refuse storage-not-persistent \
            "$storage is in memory: it would not survive the boot" ;;
    esac
    only_root "$storage" || refuse storage-not-roots \
        "$why, so persistent storage at $storage can be changed by others: give it to root (chown root, chmod go-w)"
    if exists "$storage/.ebb"; then
        only_root "$storage/.ebb" || refuse storage-not-roots \
            "$why: Ebb keeps its own files only in a directory of root's; see who made it, and move it away"
    fi
    said=$({ mkdir -p -- "$storage/.ebb/adopt" && chmod 700 -- "$storage/.ebb" "$storage/.ebb/adopt"; } 2>&1) \
        || refuse_storage
    only_root "$storage/.ebb/adopt" || refuse storage-not-roots "$why"
    exec 9>>"$storage/.ebb/lock"
    flock -n 9 || refuse locked "another change of the persistence set is running on this host"
    said=$(mkdir -p -- "$journal" 2>&1) || refuse_storage
    if [ -e "$journal/path" ] && [ "$(kept path)" != "$encoded" ]; then
        fail journal "$journal belongs to another path"
    fi
    if mountpoint -q -- "$under"; then umount -- "$under" || fail mount "cannot unmount $under"; fi
}

refuse_storage() {
    case $said in
        *'No space left'* | *'uota exceeded'*) refuse no-space "$storage is full: $said" ;;
        *) refuse storage-read-only "cannot write to $storage: $said" ;;
    esac
}

# The boot unit must be in what the next boot starts from, not just on the running root.
check_boot_unit() {
    if [ -e /etc/NIXOS ]; then
        # Where it cannot be asked, it is not known to be loaded.
        [ "$(systemctl show -p LoadState --value ebb-persist.service 2>/dev/null)" = loaded ] \
            || refuse boot-unit-missing \
                "ebb-persist.service is not in this host's NixOS configuration: import Ebb's module"
        return 0
    fi
    if [ -n "$blank" ] && [ ! -d "$blank" ]; then
        note blank "cannot look into the blank at $blank: only the running root was checked"
        blank=
    fi
    [ -x "$blank/usr/local/lib/ebb/ebb-persist" ] \
        && exists "$blank/etc/systemd/system/local-fs.target.wants/ebb-persist.service" \
        || refuse boot-unit-missing \
            "ebb-persist is not installed in ${blank:-the root}: nothing would bring the path back after a boot"
}

# Everything that the script makes, moves or mounts is in these two directories.
check_owners() {
    # Where there is no such directory, nothing leads elsewhere.
    real=$(cd -P -- "${parent:-/}" 2>/dev/null && pwd -P && echo x)
    if [ -n "$real" ]; then
        real=${real%?x}
        [ "$real" = "${parent:-/}" ] || refuse link-in-path \
            "the path goes through a symbolic link: declare $real/${path##*/}"
    fi
    only_root "${parent:-/}" || refuse not-roots \
        "$why: root cannot move $path there without that account choosing what is moved. Declare a directory above it whose parent is root's, such as the whole of the account's own directory"
    only_root "${target%/*}" || refuse not-roots \
        "$why: root cannot place a copy there safely. Choose a target whose parents are root's"
    [ "$operation" != adopt ] || [ "$target" = "$storage$path" ] \
        || no_more_open "${parent:-/}" "${target%/*}" || refuse opens-up \
        "$why keeps others from $path, and nothing would keep them from $target: choose a target behind a directory of mode 0700"
}

# The names that a move puts beside the path and the target are up to 23 bytes longer.
check_names() {
    for place in "${parent:-/}" "$storage"; do
        # Where there is no such directory the storage tells.
        longest=$(stat -f -c %l -- "$place" 2>/dev/null) || continue
        name=${path##*/} kept_as=${target##*/}
        if [ "$((${#name} + 23))" -gt "$longest" ] || [ "$((${#kept_as} + 23))" -gt "$longest" ]; then
            refuse bad-path "the last name of $path is too long to be moved: names have $longest bytes at $place, and Ebb needs 23 of them. Declare the directory above it"
        fi
    done
}

# What the kernel itself writes to, with no process that has it open.
kernel_files() {
    # Without the files there is no such device.
    { cat /sys/block/loop*/loop/backing_file 2>/dev/null; sed -n 's/ .*//p' /proc/swaps 2>/dev/null; } \
        | while IFS= read -r used; do
            case $used in "$path" | "$path"/*) printf '%s\n' "$used" ;; esac
        done
}

# Refuses files that have another name outside of the path: that one would stay with the old content.
check_hard_links() {
    shared=$(find "$path" -xdev -type f -links +1 -printf '%i %n\n') || refuse hard-linked "not all of $path can be read"
    outside=$(printf '%s\n' "$shared" | sort | uniq -c | while read -r names inode links; do
        [ "$names" -ge "${links:-0}" ] || printf '%s\n' "$inode"
    done)
    [ -n "$outside" ] || return 0
    said=
    for inode in $(printf '%s\n' "$outside" | sed -n 1,5p); do
        said="$said $(find "$path" -xdev -inum "$inode" -printf '%p' -quit)"
    done
    refuse hard-linked "$(printf '%s\n' "$outside" | wc -l) files have other names outside of $path, which would no longer be the same file:$said. Make them files of their own (cp and mv), or declare a directory that holds all the names (find / -xdev -samefile FILE)"
}

# Says what the copy is without, and what has to be started again: no reason to stop. Root sets no attributes of
# chattr on the copy: what it holds belongs to others, and it is a name that they would choose.
say_what_stays() {
    odd=$(find "$path" -xdev \( -type s -o -type p -o -type b -o -type c \) -printf '%y %P, ' | first_words)
    [ -z "$odd" ] || note special \
        "sockets (s), pipes (p) and devices (b, c) are new ones on the storage; start again what uses them: $odd"
    # A file system without such attributes, and a host without the tool, have none to lose.
    odd=$(find "$path" -xdev \( -type f -o -type d \) -exec lsattr -d -- {} + 2>/dev/null | awk '{
        flags = $1
        gsub(/[^aAcCdDijmsStTu]/, "", flags)
        # The rest of a name with a newline in it is no line of its own.
        if (length($1) > 12 && flags != "") printf "%s %s, ", flags, substr($0, index($0, " ") + 1)
    }' | first_words)
    [ -z "$odd" ] || note flags "attributes of chattr are not carried over; set on the copy what you need: $odd"
}
first_words() { { head -c 400; cat >/dev/null; } | sed 's/, *$//'; }

check_path() {
    look "$path"
    case $kind in
        symlink) refuse is-link "the path is a symbolic link already: a link or a mount cannot keep it" ;;
        other) refuse special-file "the path is neither file, directory nor link" ;;
        absent) return 0 ;;
    esac
    mount_point=$(stat -c %m -- "$path" && echo x)
    mount_point=${mount_point%?x}
    case $mount_point in
        "$root") ;;
        "$path") refuse mounted "something is mounted at the path: unmount it, or declare a dataset" ;;
        *) refuse other-mount \
            "the path lies on the file system mounted at $mount_point, which the boot does not erase" ;;
    esac
    while read -r _ _ _ _ inner _; do
        case $inner in "$mount_name"/*) refuse contains-mount \
            "something is mounted inside the path, at $inner: adopt it apart or unmount it" ;; esac
    done </proc/self/mountinfo
    one_file_system "$path"
    check_hard_links
    used=$(kernel_files)
    [ -z "$used" ] || refuse busy "$used is swap space or a loop device, which the kernel itself writes to: take it out of use first"
}

# Refuses where a btrfs subvolume begins inside $1: a copy would leave its content behind.
one_file_system() {
    # A tree that cannot be walked whole counts as one that leads elsewhere.
    # Of directories: an overlay gives its files numbers of their own.
    beyond=$({ find "$1" -xdev -type d -printf '%D %P\0' || printf '0 (not all of it can be read)\0'; } | grep -zv "^$(stat -c %d -- "$1") " | tr '\0' '\n')
    [ -z "$beyond" ] || refuse contains-subvolume \
        "a subvolume begins inside $1, at ${beyond#* }: move it out, or make it a directory, and try again"
}

check_space() {
    # Copies within one btrfs share their blocks.
    if [ "$(stat -f -c %T -- "$path")" = btrfs ] && from=$(findmnt -no SOURCE -T "$path") \
        && to=$(findmnt -no SOURCE -T "$storage") && [ "${from%%\[*}" = "${to%%\[*}" ]; then
        return 0
    fi
    free=$(df -B1 --output=avail -- "$storage") && need=$(du -sxB1 -- "$path") \
        || refuse no-space "cannot tell how much $path takes, or how much is free on $storage"
    free=${free##*[!0-9]}
    need=${need%%[!0-9]*}
    [ "$((need + need / 50 + 4194304))" -lt "$free" ] || refuse no-space \
        "$need bytes are needed on $storage and $free are free"
}

# --- Doing ---------------------------------------------------------------------------------------

# Makes the directories above a path: root's, and as closed as their twins at the path's own place.
make_parents() {
    [ ! -d "$1" ] || return 0
    make_parents "${1%/*}" || return 1
    mkdir -m 700 -- "$1" || return 1
    twin=${1#"$storage"}
    if [ "$target" = "$storage$path" ] && [ -d "$twin" ]; then
        chgrp --reference="$twin" -- "$1" && chmod --reference="$twin" -- "$1" && chmod go-w -- "$1"
    else
        chmod 755 -- "$1"
    fi
}

open_journal() {
    keep path "$encoded"
    keep created "$1"
    keep boot "$(cat /proc/sys/kernel/random/boot_id)"
    keep marker "$2"
    if [ "$2" = yes ]; then mark; fi
}

mark() { : >>"$marker" && sync -f "$marker" || fail marker "cannot write $marker"; }

# Gives up before anything was put in effect: only what this move made is removed.
abandon() {
    rm -rf -- "$new"
    forget
    refuse "$@"
}

# Makes what nothing is there for yet: an empty directory.
create() {
    record copying
    rm -rf -- "$new"
    make_parents "${new%/*}" && mkdir -- "$new" || fail create "cannot make $new"
    if [ -n "$owner$group" ]; then
        chown -- "$owner${group:+:$group}" "$new" \
            || abandon owner "no such owner or group on the host: $owner:$group"
    fi
    chmod -- "$mode" "$new" && sync -f "$new" || fail create "cannot make $new"
    record compared
}

# Decides from what is at the path and at the target.
survey() {
    if in_effect; then
        if ! listed; then
            write_table "$line"
            changed=yes
            apply_attributes
            end changed listed "the path was in effect and is now in the table$given"
        fi
        apply_attributes
        [ "$changed" = no ] || end changed adopted "in effect$given"
        end ok unchanged "already in effect"
    fi
    check_path
    check_names
    for left_over in "$new" "$original"; do
        if exists "$left_over"; then
            refuse in-the-way "$left_over exists and no journal tells why: move it away"
        fi
    done
    if [ "$kind" = absent ]; then
        if ! exists "$target"; then
            [ "$absent" = directory ] || refuse absent \
                "nothing is at the path nor at $target: adopt it once its program has made it"
            open_journal yes no
            keep empty yes
            record begun
            return
        fi
        open_journal no no
        record placed
    elif exists "$target" && ! is_empty_directory "$target"; then
        if is_empty_directory "$path"; then
            open_journal no no
            record placed
            return
        fi
        quiet refuse
        open_journal no yes
        same "$path" "$target" || abandon_target
        keep source "$left"
        keep copy "$print"
        record placed
    else
        quiet refuse
        check_space
        say_what_stays
        open_journal yes yes
        record begun
    fi
}

abandon_target() {
    told=$(differences "$path" "$target")
    forget
    refuse target-differs "$target holds other data: keep one and move the other away. $told"
}

copy() {
    if [ "$(kept empty)" = yes ]; then
        create
        return
    fi
    record copying
    rm -rf -- "$new"
    make_parents "${new%/*}" || abandon not-copied "cannot make the directories above $new"
    cp -dRx --preserve=all --reflink=auto --sparse=auto -T -- "$path" "$new" 2>"$journal/cp.err"
    copied=$?
    if grep -qa 'No space left' "$journal/cp.err"; then
        abandon no-space "$storage is full: $(head -c 500 "$journal/cp.err")"
    fi
    sync -f "$new" || abandon not-copied "cannot write $new: $(head -c 500 "$journal/cp.err")"
    # What cp complained of is found by the comparison, or went away meanwhile.
    [ "$copied" = 0 ] || note copy "$(head -c 1000 "$journal/cp.err")"
    record copied
}

compare() {
    quiet abandon
    if same "$path" "$new"; then
        keep source "$left"
        keep copy "$print"
        record compared
        return
    fi
    attempts=$((attempts + 1))
    if [ "$attempts" -ge 2 ]; then
        # A file that vanished is a change as well; anything else would be so again.
        told=$(grep -av 'No such file or directory' "$journal/cp.err" | first_words)
        [ -z "$told" ] || abandon not-copied "$storage cannot hold a copy of it: $told"
        told=$(differences "$path" "$new")
        writers && told="$told Open for writing by$said."
        abandon changing "the path changed while it was copied, twice: stop what writes to it. $told"
    fi
    note compare "the path changed while it was copied: once more"
    state=begun
}

place() {
    [ "$state" = placing ] || record placing
    if exists "$new"; then
        if is_empty_directory "$target"; then rmdir -- "$target"; fi
        mv -nT -- "$new" "$target"
        ! exists "$new" || fail place "$target appeared meanwhile"
        sync -f "${target%/*}"
    fi
    exists "$target" || fail place "neither $new nor $target is there"
    record placed
}

list() {
    listed || write_table "$line"
    record listed
}

enter() {
    look "$path"
    if [ "$mechanism" = bind ]; then
        if [ "$kind" = absent ]; then
            make_directories "${parent:-/}" || return 1
            if [ -d "$target" ]; then mkdir -m 755 -- "$path"; else : >"$path"; fi || return 1
        fi
        mount --bind -- "$target" "$path"
        return
    fi
    make_directories "${parent:-/}" || return 1
    rm -f -- "$path.ebb-link"
    ln -s -- "$target" "$path.ebb-link" || return 1
    case $kind in
        file) [ "$path" -ef "$original" ] || ln -T -- "$path" "$original" || return 1 ;;
        directory) mv -nT -- "$path" "$original" && ! exists "$path" || return 1 ;;
    esac
    mv -T -- "$path.ebb-link" "$path"
}

# Takes the path out of effect, so that what was there before shows again.
leave() {
    if [ "$mechanism" = bind ]; then
        umount -- "$path"
    else
        rm -- "$path" && if exists "$original"; then mv -nT -- "$original" "$path"; fi
    fi
}

# Sets hidden to where the original can be read while the path is in effect.
reveal() {
    if [ "$mechanism" = symlink ]; then
        hidden=$original
        return
    fi
    mkdir -p -- "$under" && mount --bind -- "${parent:-/}" "$under" || return 1
    hidden=$under/${path##*/}
}
conceal() {
    if [ "$mechanism" = bind ]; then umount -- "$under" && rmdir -- "$under"; fi
}

# How the clock stands against the time since the boot, in hundredths of a second: another value says that it
# was set.
clock_offset() {
    read -r up _ </proc/uptime
    echo "$(($(date +%s%2N) - ${up%.*}${up#*.}))"
}

# Fails unless the note of confirm_original is of this boot, of this clock, and of a moment that has been:
# nothing vouches for what is still to come.
note_holds() {
    read -r in_boot since offset _ 2>/dev/null <"$journal/settled" || return 1
    [ "$in_boot" = "$(cat /proc/sys/kernel/random/boot_id)" ] || return 1
    case $since:$offset in *[!0-9.:]* | *: | *:0*) return 1 ;; ??????????.?????????:*) ;; *) return 1 ;; esac
    by=$(($(clock_offset) - offset))
    [ "${by#-}" -le 20 ] && [ "${since%.*}${since#*.}" -le "$(date +%s%N)" ]
}

# Names what was written to the original since the note of confirm_original; says so where no note holds.
written_later() {
    if ! note_holds; then
        printf 'it cannot be told what'
        return
    fi
    reveal || fail mount "cannot look beneath the mount at the path"
    find "$hidden" -newerct "@$since" -printf "%P " 2>&1 | head -c 500
    conceal
}

# Notes since when nobody has written to the original, and fails where a write reached it after it was
# compared. What is written from here on has a later time than the note: the wait is longer than the steps
# in which its file system counts. In another boot, or when the clock was set, the note says nothing.
confirm_original() {
    rm -f -- "$journal/settled"
    moment="$(cat /proc/sys/kernel/random/boot_id) $(date +%s.%N) $(clock_offset) $mechanism"
    case $(stat -c %z -- "$marker" 2>/dev/null) in
        '' | *.000000000*) sleep 1.1 ;;
        *) sleep 0.05 ;;
    esac
    reveal || fail mount "cannot look beneath the mount at the path"
    if [ -n "$(kept source)" ]; then
        fingerprint "$hidden" && [ "$print" = "$(kept source)" ]
    else
        holds_nothing "$hidden"
    fi
    unchanged=$?
    conceal
    [ "$unchanged" = 0 ] && keep settled "$moment"
}

holds_nothing() {
    if [ -f "$1" ] && [ ! -L "$1" ]; then [ ! -s "$1" ]; else ! exists "$1" || is_empty_directory "$1"; fi
}

# Whether the boot has taken the original.
original_is_gone() {
    [ "$(kept boot)" != "$(cat /proc/sys/kernel/random/boot_id)" ] || return 1
    reveal || fail mount "cannot look beneath the mount at the path"
    holds_nothing "$hidden"
    gone=$?
    conceal
    return "$gone"
}

effect() {
    in_effect || enter || fail effect "cannot put the path in effect"
    in_effect || fail effect "the path is not in effect although the kernel took it"
    if ! confirm_original && [ -e "$marker" ] && [ -n "$(kept source)" ]; then
        fingerprint "$target"
        if [ "$print" = "$(kept copy)" ] && [ "$(kept created)" = yes ] && leave; then
            write_table ''
            mv -nT -- "$target" "$new"
            attempts=$((attempts + 1))
            record begun
            note effect "the path changed after it was compared: once more"
            return
        fi
        note diverged "the original was written to after the copy: \`ebb persistence adopt\` says what"
    fi
    rm -f -- "$marker"
    record effective
}

# Gives the path the declared owner, group and mode: otherwise no reboot would be allowed.
apply_attributes() {
    [ ! -L "$target" ] || return 0
    owns=${owner:+$(stat -c '%U %u' -- "$target")} groups=${group:+$(stat -c '%G %g' -- "$target")}
    case " $owns " in *" $owner "*) ;; *) set_attribute owner chown -- "$owner" ;; esac
    case " $groups " in *" $group "*) ;; *) set_attribute group chgrp -- "$group" ;; esac
    if [ -n "$declared_mode" ] && [ "$(stat -c %a -- "$target")" != "$declared_mode" ]; then
        set_attribute mode chmod -- "$declared_mode"
    fi
}
set_attribute() {
    attribute=$1
    shift
    "$@" "$target" 2>/dev/null || fail "$attribute" "cannot give $target the declared $attribute $3"
    given="$given; it has the declared $attribute $3 now"
    changed=yes
}

settle() {
    exists "$target" || fail target-missing "$target is gone from persistent storage"
    if ! in_effect; then
        look "$path"
        if [ "$mechanism" = symlink ] && [ "$kind" != absent ] && ! same "$path" "$target"; then
            refuse target-differs \
                "the link was replaced: $path and $target both hold data. $(differences "$path" "$target")"
        fi
        record listed
        return
    fi
    listed || { write_table "$line"; changed=yes; }
    apply_attributes
    if original_is_gone; then
        forget
        [ "$changed" = no ] || end changed adopted "in effect$given"
        end ok unchanged "already in effect"
    fi
    later=$(written_later)
    # In a later boot what lies there may be the blank's.
    if [ -n "$later" ] && ! confirm_original && [ "$(kept boot)" = "$(cat /proc/sys/kernel/random/boot_id)" ]; then
        refuse diverged "since the path was copied, something was written to the original, which the boot takes: ${later% }. Stop what writes there; --rollback then brings both back, the original as ${path##*/}.ebb-old"
    fi
    if [ "$changed" = yes ]; then
        end changed adopted "in effect; the original is kept until a boot has proven it$given"
    fi
    end ok unchanged "already in effect; the original is kept until a boot has proven it"
}

# The root was erased in the middle of a move: what was copied by then is all there is.
recover() {
    case $state in
        begun) forget ;;
        copying)
            if exists "$new"; then
                aside=$target.ebb-partial-$(date +%s)
                mv -nT -- "$new" "$aside" && note partial "an unfinished copy is kept as $aside"
            fi
            forget
            ;;
        copied)
            fingerprint "$new" || fail compare "cannot read $new"
            keep copy "$print"
            note compare "the root was erased before the copy was compared; the copy is used"
            record compared
            ;;
    esac
}

adopt() {
    check_boot_unit
    check_table
    if root_is_newer; then recover; fi
    while [ "$attempts" -lt 9 ]; do
        case $state in
            none) survey ;;
            begun | copying) copy ;;
            copied) compare ;;
            compared | placing) place ;;
            placed) list ;;
            listed) effect ;;
            effective) settle ;;
            restoring) refuse rolling-back "a rollback of this path was cut short: finish that first" ;;
            *) fail journal "the journal in $journal holds an unknown state" ;;
        esac
    done
    fail changing "the path keeps changing"
}

# --- Back ----------------------------------------------------------------------------------------

# Copies the newest data back to the root beside the path, unless the original equals it.
stage() {
    [ "$state" = restoring ] || keep before "$state"
    if ! in_effect && ! root_is_newer; then
        case $(kept before) in placing | placed | listed)
            record restoring
            keep restore plain
            return
            ;;
        esac
    fi
    record restoring
    rm -f -- "$journal/restore"
    if [ -d "${parent:-/}" ]; then mark && keep marker yes; fi
    hidden=$path
    if in_effect; then reveal || fail mount "cannot look beneath the mount at the path"; fi
    if exists "$hidden" && same "$hidden" "$target"; then
        answer=plain
    else
        answer=staged
        one_file_system "$target"
        rm -rf -- "$restored"
        make_directories "${parent:-/}"
        cp -dRx --preserve=all --reflink=auto --sparse=auto -T -- "$target" "$restored" \
            && sync -f "$restored" && same "$target" "$restored" || answer=failed
    fi
    if in_effect; then conceal; fi
    if [ "$answer" = failed ]; then
        rm -rf -- "$restored"
        fail restore "cannot copy $target back beside the path"
    fi
    keep restore "$answer"
}

# Moves $1 aside, for a person to remove.
keep_old() {
    old=$1.ebb-old
    if exists "$old"; then old=$old-$(date +%s); fi
    mv -nT -- "$1" "$old"
}

rollback() {
    if [ "$state" = none ]; then
        if ! in_effect && ! listed; then end ok unchanged "the path is not kept"; fi
        open_journal no no
        state=effective
    fi
    case $state in
        begun | copying | copied | compared | placing)
            if exists "$new" && root_is_newer; then
                refuse only-copy "the root was erased since: $new is the only copy, adopt it"
            elif exists "$new"; then
                rm -rf -- "$new"
                forget
                end changed rolled-back "the unfinished copy was removed; the path was not touched"
            elif [ "$state" != placing ]; then
                forget
                end changed rolled-back "nothing had been copied; the path was not touched"
            fi
            ;;
    esac
    if [ "$state" != restoring ] || in_effect || root_is_newer || [ -z "$(kept restore)" ]; then
        quiet refuse
        stage
    fi
    if in_effect; then
        leave || {
            writers
            fail busy "cannot take the path out of effect: it is in use$said"
        }
    fi
    if [ "$(kept restore)" = staged ] && exists "$restored"; then
        if is_empty_directory "$path"; then rmdir -- "$path"; fi
        if exists "$path"; then
            keep_old "$path"
            note old "what was written since is at the path; the data from before the move are kept as $old"
        fi
        mv -nT -- "$restored" "$path"
        sync -f "${parent:-/}"
    fi
    if listed; then write_table ''; fi
    if [ "$(kept created)" = yes ] && exists "$target"; then
        keep_old "$target"
        note old "the copy on persistent storage is kept as $old"
    fi
    forget
    end changed rolled-back "the path is on the root again, with its newest data"
}

# After a proven boot: nothing needs the journal or the original any more.
finish() {
    if [ "$state" = none ]; then end ok unchanged "nothing awaits a proof"; fi
    [ "$state" = effective ] || refuse unfinished "the move stopped at $state: finish it first"
    in_effect || refuse not-in-effect "the path is not in effect"
    [ "$(kept boot)" != "$(cat /proc/sys/kernel/random/boot_id)" ] \
        || refuse not-rebooted "no boot has proven the copy yet"
    if [ "$mechanism" = symlink ]; then rm -rf -- "$original"; fi
    forget
    end changed finished "proven; the journal is closed"
}

check_host
check_owners
state=$(kept state) || fail journal "cannot read the journal in $journal"
state=${state:-none}
locked=yes
if [ "$state" = none ]; then rm -f -- "$marker"; fi
case $operation in
    adopt) adopt ;;
    rollback) rollback ;;
    finish) finish ;;
esac
