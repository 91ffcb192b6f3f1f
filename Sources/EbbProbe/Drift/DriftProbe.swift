import EbbModel

/// Asks for the difference between the live root and its blank.
///
/// Both trees are listed, both lists are sorted by bytes, and only records that are not in both
/// leave the host. The live root is listed through a private, read-only bind mount of `/` where the
/// host allows one: it shows what mounts cover, and a covered directory's own mode and owner.
///
/// Output: records ended by NUL. `#word text` tells about the run; `/…` is a record of the blank
/// only, `TAB/…` one of the live root only; `=/path` says that content and extended attributes of a
/// path are the same in both although a time says otherwise; `@digest /path` is what a small file
/// on the live root holds. A record is
/// `/path//kind size mode uid gid mtime ctime inode[ link target]`, with `-` for a field that does
/// not count; a path cannot hold `//`, so the first one ends it.
enum DriftProbe {
    static let name = "drift"

    /// The question for a host with these settings.
    static func probe(_ settings: HostSettings, limit: Int) -> ProbeScript.Probe {
        let root = settings.root
        let values = [
            ("salt", settings.host.text),
            ("declared", root?.strategy.rawValue ?? ""),
            ("dataset", root?.dataset ?? ""),
            ("blank", root?.blank ?? ""),
            ("top", root?.top ?? ""),
            ("lower", root?.lower ?? ""),
        ]
        let assignments = values.map { "\($0)=" + RemoteCommand.quoted($1) + "\n" }.joined()
        return ProbeScript.Probe(
            name: name,
            shell: assignments + tellings + rootMount + fillingTime + recorded + baselines
                + packages
                + bareView + comparison + contents + ending,
            limit: limit)
    }

    /// How the script speaks, and how it leaves nothing behind.
    ///
    /// - Important: The work directory holds a mount point for `/`, so it is emptied file by file
    ///   and never recursively.
    static let tellings = #"""
        say() { printf '#%s\0' "$*"; }
        note() { [ "$2" -eq 0 ] || echo "$1: status $2" >>"$work/failed"; }
        clean() {
            trap - EXIT
            for job in $jobs; do kill "$job" 2>/dev/null; done
            empty "$work"
        }
        empty() {
            rm -f "$1/blank" "$1/live" "$1/pairs" "$1/doubtful" "$1/failed"
            rm -f "$1/small" "$1/small.now" "$1/files" "$1/owned" "$1/altered" "$1/digests"
            rm -f "$1"/sort*
            rmdir "$1/root" "$1"
        }
        need() {
            "$@" </dev/null >/dev/null 2>&1 && return
            echo "the GNU program is needed: $*" >&2
            exit 127
        }
        need find . -maxdepth 0 -ignore_readdir_race -printf ''
        need sort -z
        need comm -z /dev/null /dev/null
        jobs=
        # A look whose shell was killed left its directory, which is named after that shell. (Only
        # root makes names in /run.)
        for old in /run/ebb.*[0-9]; do
            [ ! -d "$old" ] || [ -d "/proc/${old##*.}" ] || empty "$old" 2>/dev/null
        done
        # In memory, so that looking writes nothing to the root that is looked at. mkdir makes a
        # directory that only this user may enter, or fails: it never takes one that is there. The traps
        # come next, so that whatever fails from here on, it goes again.
        for place in /run /dev/shm; do
            work=$place/ebb.$$
            mkdir -m 700 "$work" 2>/dev/null && break
            work=
        done
        [ -n "$work" ] || { echo 'neither /run nor /dev/shm can be worked in' >&2; exit 1; }
        trap clean EXIT
        trap 'clean; exit 143' HUP INT TERM PIPE
        mkdir "$work/root" || exit 1
        mkfifo "$work/blank" "$work/live" "$work/pairs" "$work/small" || exit 1

        """#

    /// The type, source and options of what is mounted at `/` last.
    private static let rootMount = #"""
        while read -r id parent device inside point rest; do
            [ "$point" = / ] || continue
            rest=${rest#*" - "}
            type=${rest%% *}
            rest=${rest#* }
            source=${rest%% *}
            options=${rest#* }
        done </proc/self/mountinfo

        """#

    /// Sets `base` to a directory that holds the blank, or to nothing where the blank is empty;
    /// `inodes` and `times` say whether those can be compared between the two trees.
    private static let baselines = #"""
        base= inodes= times= skip= cross= filled= packages= manifest= known=1
        package_manager() {
            if [ -d /var/lib/dpkg/info ] && command -v dpkg-query >/dev/null; then
                echo dpkg
            elif command -v rpm >/dev/null && [ -n "$(rpm -qa 2>/dev/null | head -n 1)" ]; then
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
                base=$blank filled=$(filling_time)
            fi
        }
        lower_tree() {
            times=1
            found=${options#*lowerdir=}
            [ "$found" != "$options" ] && found=${found%%,*} || found=
            for base in "$lower" /media/root-ro "$found" ''; do
                [ -n "$base" ] && [ -d "$base/etc" ] && break
            done
            if [ -n "$lower" ] && [ "$base" != "$lower" ]; then
                unknown mismatch "there is no lower tree at $lower"
            elif [ -z "$base" ]; then
                unknown notConfigured 'the lower tree of the overlay cannot be reached'
            fi
        }
        unknown() { known= base=; say gap "$@"; }
        same_blank() {
            mine=$(btrfs subvolume show / | sed -n 's/^[[:space:]]*Parent UUID:[[:space:]]*//p')
            theirs=$(btrfs subvolume show "$base" | sed -n 's/^[[:space:]]*UUID:[[:space:]]*//p')
            [ "$mine" != "$theirs" ] || return 0
            # Before the first erasing boot the blank is a snapshot of the root, not the other way.
            mine=$(btrfs subvolume show / | sed -n 's/^[[:space:]]*UUID:[[:space:]]*//p')
            theirs=$(btrfs subvolume show "$base" | sed -n 's/^[[:space:]]*Parent UUID:[[:space:]]*//p')
            [ -n "$mine" ] && [ "$mine" = "$theirs" ]
        }
        case $type in
            zfs)
                base=/.zfs/snapshot/$blank inodes=1 times=1 skip=./.zfs
                if [ -z "$blank" ]; then
                    unknown notConfigured 'the inventory does not name the blank snapshot'
                elif ! ls -d "$base/." >/dev/null 2>&1; then
                    unknown mismatch "there is no snapshot $source@$blank"
                elif [ -n "$dataset" ] && [ "$dataset" != "$source" ]; then
                    say gap mismatch "the root is $source, the inventory says $dataset"
                fi
                ;;
            btrfs)
                base=${top%/}/$blank inodes=1 times=1 cross=1
                if [ -z "$blank" ]; then
                    unknown notConfigured 'the inventory does not name the blank subvolume'
                elif [ -z "$top" ]; then
                    unknown notConfigured \
                        'the inventory does not say where the top level of the file system is mounted'
                elif [ "$(stat -f -c %T -- "$top" 2>/dev/null)" != btrfs ]; then
                    unknown mismatch "the top level of the file system is not mounted at $top"
                elif ! [ -d "$base" ]; then
                    unknown mismatch "there is no blank subvolume at $base"
                elif ! command -v btrfs >/dev/null; then
                    say gap toolMissing \
                        'btrfs is not installed: whether the root was made from this blank is unknown'
                elif ! same_blank; then
                    say gap mismatch "the root was not made from the blank at $base"
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

        """#

    /// For a root without a blank: what packages brought stands for it.
    ///
    /// `owned` gets the paths that are as a package brought them, `altered` its configuration files
    /// that were changed or removed since; both sorted, ended by NUL.
    private static let packages = #"""
        # A merged /usr has the paths that packages name without it.
        both_names() { sed -e p -e 's#^/\(bin\|sbin\|lib\|lib32\|lib64\|libx32\)/#/usr/\1/#'; }
        altered_files() {
            if [ "$packages" = dpkg ]; then
                dpkg-query -W -f='${Conffiles}\n' |
                    sed -n 's#^ \(/.*\) \([0-9a-f]\{32\}\)$#\2  \1#p' | sort -u >"$work/small.now"
                {
                    cut -c 35- "$work/small.now" | tr '\n' '\0' | xargs -0 -r md5sum -- 2>/dev/null
                } | sort -u | comm -23 "$work/small.now" - | cut -c 35-
                rm -f "$work/small.now"
            else
                rpm -Va --nodeps --noscripts 2>/dev/null |
                    sed -n -e 's#^..5[^ ]* *c \(/.*\)$#\1#p' -e 's#^missing *c \(/.*\)$#\1#p'
            fi
        }
        owned_files() {
            if [ "$packages" = dpkg ]; then cat /var/lib/dpkg/info/*.list; else rpm -qal; fi
        }
        known_packages() {
            altered_files | sort -u | tr '\n' '\0' >"$work/altered"
            owned_files | both_names | tr '\n' '\0' | sort -z -u -T "$work" |
                comm -z -23 - "$work/altered" >"$work/owned"
            note 'list of packages' "$?"
        }
        # The records of what no package brought, or what was altered.
        list_unowned() {
            live find . -xdev -ignore_readdir_race -path ".$work" -prune -o \
                -path ./var/lib/dpkg -prune -o -path ./var/lib/rpm -prune -o \
                -mindepth 1 -printf '/%P\0' |
                sort -z -T "$work" | comm -z -23 - "$work/owned" | sed -z 's#^#.#' |
                live xargs -0 -r -n 500 sh -c 'exec find "$@" -maxdepth 0 -ignore_readdir_race \
                    -type f -printf "%p//f %s %m %U %G %T@ - -\0" -o \
                    -type d -printf "%p//d - %m %U %G - - -\0" -o \
                    -type l -printf "%p//l - - %U %G - - - %l\0" -o \
                    -printf "%p//%y - %m %U %G - - -\0"' sh | sed -z 's#^\.##'
        }

        """#

    /// Lists, sorts, compares; then looks closer at what differs in nothing but a time.
    private static let comparison = #"""
        # A root in memory mostly has /usr mounted: it is not filled with what the blank has there.
        hide=
        if [ "$type" = tmpfs ] && [ -n "$base" ]; then
            hide=$(live sh -c '
                while read -r id parent device inside point rest; do
                    case $point in / | *[!a-zA-Z0-9/._-]*) continue ;; esac
                    [ -n "$(ls -A ".$point" 2>/dev/null)" ] ||
                        printf "%s " -path ".$point/*" -prune -o
                done </proc/self/mountinfo')
        fi
        verify=
        if [ -n "$base$manifest" ] && [ -n "$times$filled" ] && command -v cmp >/dev/null &&
            [ "$(printf 'a\0a\0' | sed -z -n p 2>/dev/null | uniq -z -d | tr '\0' x)" = ax ]
        then
            verify=1
        fi
        # Where a time says little, and attributes cannot be read, equal content counts as equal.
        attributes= lenient=$filled
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
        pack=
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
        # Mode and path of small files that are on the live root only, or differ there.
        {
            sed -z -n 's#^\t\(.*\)//f [0-9]\{1,5\} \([0-7]*\) .*$#\2 \1#p' |
                { head -z -n 4000 >"$work/files"; cat >/dev/null; }
        } <"$work/small" &
        jobs="$jobs $!"
        if [ -n "$verify" ]; then
            {
                sed -z -n 's#^\t\{0,1\}\(.*//[fd] [^ ]* [^ ]* [^ ]* [^ ]* [^ ]*\) [^ ]* [^ ]*$#\1#p' |
                    uniq -z -d | sed -z 's#//[fd] [^/]*$##'
            } <"$work/pairs" >"$work/doubtful" &
            jobs="$jobs $!"
            { comm -z -3 "$work/blank" "$work/live"; note comm "$?"; } |
                tee "$work/pairs" "$work/small"
            note tee "$?"
        else
            { comm -z -3 "$work/blank" "$work/live"; note comm "$?"; } | tee "$work/small"
            note tee "$?"
        fi
        # Whoever waits for a partner that has failed would wait until the time limit.
        if [ -s "$work/failed" ]; then
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
                for path do
                    if [ -f ".$path" ] && ! cmp -s -- "$base$path" ".$path"; then continue; fi
                    if [ -n "$attributes" ]; then
                        [ "$(look "$base")" = "$(look .)" ] || continue
                    elif [ -z "$lenient" ]; then
                        continue
                    fi
                    printf "=%s\0" "$path"
                done' sh "$base" "$lenient" "$attributes" <"$work/doubtful"
            note 'closer look' "$?"
        fi

        """#

    /// Tells what small files hold; what cannot be told is left out, and counts as unknown.
    private static let contents = #"""
        open_files() { sed -z -n -e '/^\([0-7]*00\|0\) /d' -e 's/^[0-7]* /./p' "$work/files"; }
        private_files() { sed -z -n 's/^\([0-7]*00\|0\) //p' "$work/files" | head -z -n 200; }
        if [ -s "$work/files" ] && command -v sha256sum >/dev/null; then
            open_files | live xargs -0 -r -n 500 sha256sum -z -- 2>/dev/null |
                sed -z -n 's#^\([0-9a-f]\{64\}\)  \.#@\1 #p'
            private_files | live xargs -0 -r -n 100 sh -c '
                salt=$1
                shift
                for path do
                    digest=$({ printf %s "$salt"; cat -- ".$path"; } | sha256sum) &&
                        [ -f ".$path" ] && printf "@%.64s %s\0" "$digest" "$path"
                done' sh "$salt" 2>/dev/null
        fi

        """#

    private static let ending = #"""
        say end
        if [ -s "$work/failed" ]; then
            cat "$work/failed" >&2
            exit 1
        fi
        """#
}
