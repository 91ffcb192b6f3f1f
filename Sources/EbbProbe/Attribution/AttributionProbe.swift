package import EbbModel

/// Asks which package, unit and account stand behind paths.
package enum AttributionProbe {
    package static let name = "attribution"
    /// More paths than a person reads.
    package static let pathLimit = 200

    /// One question for all paths; the answer is read by `AttributionReader`.
    package static func probe(_ paths: [BytePath], limit: Int = 60) -> ProbeScript.Probe {
        var shell = Array(script.utf8)
        for path in paths.prefix(pathLimit) {
            shell += Array("account ".utf8) + RemoteCommand.quoted(path.bytes) + [10]
        }
        shell += Array("packages".utf8)
        var asked: Set<BytePath> = []
        for path in paths.prefix(pathLimit) {
            for place in places(path) where asked.insert(place).inserted {
                shell += [UInt8(ascii: " ")] + RemoteCommand.quoted(place.bytes)
            }
        }
        shell += Array("\nunits\n".utf8)
        return ProbeScript.Probe(name: name, shell: shell, limit: limit)
    }

    /// The path and the directories that lead to it, as far as one package would own them.
    ///
    /// A package manager takes some bytes for patterns: places that hold them are not asked for.
    static func places(_ path: BytePath) -> [BytePath] {
        var places: [BytePath] = []
        var place = path
        while place.bytes.count(where: { $0 == UInt8(ascii: "/") }) > 1 {
            if !place.bytes.contains(where: { "*?[\\\n:".utf8.contains($0) }) {
                places.append(place)
            }
            place = place.parent
        }
        return places
    }

    /// Records ended by NUL: `a`, path, account, group and mode; `p`, what the package manager says;
    /// `u`, what the service manager says.
    private static let script = #"""
        account() {
            printf 'a\0%s\0' "$1"
            stat -c '%U %G %a' -- "$1" 2>/dev/null
            printf '\0'
        }
        packages() {
            printf 'p\0'
            if command -v dpkg-query >/dev/null; then
                dpkg-query -S -- "$@" 2>/dev/null
            elif command -v rpm >/dev/null; then
                for place do
                    owner=$(rpm -qf --qf '%{NAME}\n' -- "$place" 2>/dev/null | head -n 1) &&
                        case $owner in *' '* | '') ;; *) printf '%s: %s\n' "$owner" "$place" ;; esac
                done
            fi
            printf '\0'
        }
        units() {
            printf 'u\0'
            ! command -v systemctl >/dev/null || systemctl show --no-pager -p Id \
                -p StateDirectory -p CacheDirectory -p LogsDirectory -p ConfigurationDirectory \
                '*.service' 2>/dev/null
            printf '\0'
        }

        """#
}
