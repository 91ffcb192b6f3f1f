import EbbModel

/// Asks how each declared path and its target look.
enum DeclaredProbe {
    static let name = "declared"
    /// Larger files are never hashed: identities are small.
    static let digestLimit = 65_536

    /// One question for all entries; the answer is read by `DeclaredReader`.
    static func probe(_ entries: [PersistenceEntry], limit: Int) -> ProbeScript.Probe {
        var shell = Array(functions.utf8)
        for (index, entry) in entries.enumerated() {
            shell += Array("ebb_entry \(index) ".utf8)
            shell += RemoteCommand.quoted(Array(entry.path.utf8)) + [UInt8(ascii: " ")]
            shell += RemoteCommand.quoted(Array((entry.target ?? "").utf8))
            shell += Array((entry.stateClass == .identity ? " digest\n" : " -\n").utf8)
        }
        return ProbeScript.Probe(name: name, shell: shell, limit: limit)
    }

    /// Seven fields an entry, each ended by NUL: index, node and place of the path, where it points,
    /// node and place of the target, digest.
    ///
    /// A *place* is the path with its directories resolved and its last component as it is.
    private static let functions = #"""
        ebb_node() {
            if node=$(stat -c '%f %d:%i %u %g %a %s %U %G' -- "$1" 2>&1); then
                printf '%s\0' "$node"
                return
            fi
            case $node in
                *'No such file or directory'* | *'Not a directory'*) ;;
                *) printf '%s\n' "$node" >&2 ;;
            esac
            printf '\0'
        }
        ebb_place() (
            directory=${1%/*}
            if cd -P -- "${directory:-/}" 2>/dev/null; then
                here=$(pwd -P; echo x)
                here=${here%?x}
                printf '%s/%s' "${here%/}" "${1##*/}"
            fi
            printf '\0'
        )
        ebb_entry() {
            printf '%s\0' "$1"
            ebb_node "$2"
            ebb_place "$2"
            if [ -L "$2" ]; then readlink -n -- "$2"; fi
            printf '\0'
            if [ -z "$3" ]; then printf '\0\0\0'; return; fi
            ebb_node "$3"
            ebb_place "$3"
            if [ "$4" = digest ] && [ -f "$3" ] && [ ! -L "$3" ] &&
                [ "$(stat -c %s -- "$3")" -le 65536 ]
            then
                sha256sum <"$3" | cut -c 1-64 | tr -d '\n'
            fi
            printf '\0'
        }

        """#
}
