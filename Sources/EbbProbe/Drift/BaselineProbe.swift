package import EbbModel

/// Has a host write down what its fresh root holds, for roots whose blank cannot be read later.
///
/// The file has records ended by NUL, sorted by bytes: `#ebb-blank 1`, the records of the drift
/// probe without what a copy cannot share (times of the inode, its number), `@digest /path` for each
/// file, and `~end`. Of what was touched after the root was filled nothing but the path and the kind is
/// written, so it counts as changed; directories are touched by all that happens in them, so they are
/// written as they are.
package enum BaselineProbe {
    /// The probe's name.
    package static let name = "baseline"

    /// The question, for a host that made its root anew in this boot.
    ///
    /// `boot` is one that was proven to have done so. In another one the file system itself must be
    /// younger than the kernel's start.
    package static func probe(
        file: String, boot: BootID?, limit: Int = 600
    ) -> ProbeScript.Probe {
        let values =
            "file=" + RemoteCommand.quoted(file) + "\nboot="
            + RemoteCommand.quoted(boot?.text ?? "")
        return ProbeScript.Probe(
            name: name,
            shell: values + "\n" + DriftProbe.tellings
                + DriftProbe.fillingTime + DriftProbe.bareView + recording, limit: limit)
    }

    /// How many entries were written down; `nil` where the answer does not say.
    package static func entries(_ output: [UInt8]) -> Int? {
        guard let last = output.split(separator: 0).last else { return nil }
        let words = String(decoding: last, as: UTF8.self).split(separator: " ")
        guard words.count == 2, words[0] == "#entries" else { return nil }
        return Int(words[1])
    }

    private static let recording = #"""
        refuse() { echo "$*" >&2; exit 1; }
        folder=${file%/*}
        need sha256sum -z /dev/null
        if [ "$(cat /proc/sys/kernel/random/boot_id)" != "$boot" ]; then
            # What was made since the kernel started needs no proof; a container shares its kernel.
            made=$(live stat -c %W . 2>/dev/null)
            started=$(sed -n 's/^btime //p' /proc/stat)
            [ ! -e /run/systemd/container ] && [ "${made:-0}" -ge "${started:-1}" ] 2>/dev/null ||
                refuse 'this boot is not proven, and nothing shows that it made the root anew'
        fi
        [ -d "$folder" ] || refuse "there is no directory $folder"
        [ "$(stat -c %d -- "$folder")" != "$(stat -c %d /)" ] ||
            refuse "$folder is on the root itself: the next boot would erase it"
        filled=$(filling_time)
        {
            printf '#ebb-blank 1\0'
            # Before the list: what changes in between is listed as changed.
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
        """#
}

extension DriftProbe {
    /// When the root was filled at the latest: as the system's own processes started.
    static let fillingTime = #"""
        filling_time() {
            late=$(systemctl show -p UserspaceTimestampMonotonic --value 2>/dev/null)
            case $late in
                '' | 0 | *[!0-9]*) stat -c %Y /proc/1 ;;
                *)
                    # Both clocks within a tenth of a second. Where that does not come about, the moment is
                    # too early: what was written just after it then shows as changed.
                    for try in 1 2 3 4 5; do
                        read -r before idle </proc/uptime
                        now=$(date +%s.%N)
                        read -r up idle </proc/uptime
                        [ "${before%?}" != "${up%?}" ] || break
                    done
                    awk -v now="$now" -v up="$up" -v late="$late" \
                        'BEGIN { printf "%.6f\n", now - up + late / 1e6 }'
                    ;;
            esac
        }

        """#

    /// Everything that `live` runs sees the live root as its working directory.
    static let bareView = #"""
        bare='mount -n --make-rprivate / && mount -n -o bind / "$1" &&
            mount -n -o remount,bind,ro / "$1" && cd "$1" && shift && exec "$@"'
        if unshare -m sh -c "$bare" sh "$work/root" true 2>/dev/null; then
            say view bare
            live() { unshare -m sh -c "$bare" sh "$work/root" "$@"; }
        else
            say view covered
            cross=
            live() { (cd / && exec "$@"); }
        fi

        """#

    /// For a root whose blank was written down by `BaselineProbe`.
    static let recorded = #"""
        recorded() {
            if ! command -v sha256sum >/dev/null; then
                unknown toolMissing 'sha256sum is needed to compare with what was written down'
            elif [ "$(head -z -n 1 -- "$1" | tr -d '\0')" != '#ebb-blank 1' ] ||
                [ "$(tail -z -n 1 -- "$1" | tr -d '\0')" != '~end' ]
            then
                unknown mismatch "what $1 says of the fresh root is not whole"
            else
                manifest=$1 filled=$(filling_time)
            fi
        }
        # Content by digests; attributes were not written down.
        same_as_recorded() {
            live xargs -0 -r -n 500 sh -c '
                for path do
                    if [ -d ".$path" ] && ! [ -L ".$path" ]; then printf "=%s\0" "$path"; fi
                done' sh <"$work/doubtful"
            note 'closer look' "$?"
            sed -z -n '/^@/p' "$manifest" >"$work/digests"
            live xargs -0 -r -n 500 sh -c '
                for path do
                    if [ -f ".$path" ] && ! [ -L ".$path" ]; then printf ".%s\0" "$path"; fi
                done' sh <"$work/doubtful" |
                live xargs -0 -r -n 500 sha256sum -z -- |
                sed -z 's#^\([0-9a-f]\{64\}\)  \.#@\1 #' | sort -z -T "$work" |
                comm -z -12 - "$work/digests" | sed -z 's#^.\{66\}#=#'
            note 'closer look' "$?"
        }

        """#
}
