package import EbbModel

/// Shell text that leaves canaries on a host and looks for them, and the reading of its answers.
package enum CanaryShell {
    /// Writes each token, flushes file and directory to the disk, and reads it back.
    ///
    /// Answers one line per canary, `INDEX ok`; everything else is trouble and goes to standard
    /// error. A positive canary is only written where its mount point really is one, so that it
    /// can never land on the root that is about to be erased.
    package static func plant(_ canaries: [Canary]) -> String {
        var text = """
            plant() {
                if [ "$2" = positive ] && [ "$(stat -c %m -- "$3")" != "$3" ]; then
                    echo "$3 is not a mount point" >&2
                    return 1
                fi
                directory=$(dirname -- "$4")
                mkdir -p -- "$directory" || return 1
                printf '%s\\n' "$5" >"$4.new" || return 1
                mv -f -- "$4.new" "$4" || return 1
                sync -- "$4" "$directory" 2>/dev/null || sync
                [ "$(cat -- "$4")" = "$5" ] && echo "$1 ok"
            }

            """
        for (index, canary) in canaries.enumerated() {
            let words = ["\(index)", canary.kind.rawValue, canary.mount, canary.path, canary.token]
            text += "plant " + words.map(RemoteCommand.quoted).joined(separator: " ") + "\n"
        }
        return text
    }

    /// The canaries, by index, that are proven to be written.
    package static func planted(_ output: [UInt8]) -> Set<Int> {
        Set(
            output.split(separator: UInt8(ascii: "\n")).compactMap { line in
                let words = String(decoding: line, as: UTF8.self).split(separator: " ")
                return words.count == 2 && words[1] == "ok" ? Int(words[0]) : nil
            })
    }

    /// Looks for each canary.
    ///
    /// Answers one line per canary: `INDEX absent`, or `INDEX present TOKEN MOUNT`. An error other
    /// than "no such file" gives no line, so that it can never be read as absence.
    package static func read(_ canaries: [Canary]) -> String {
        var text = """
            look() {
                if said=$(LC_ALL=C stat -c %F -- "$2" 2>&1); then
                    token=$(head -c 64 -- "$2") || return 1
                    mount=$(stat -c %m -- "$2") || return 1
                    printf '%s present %s %s\\n' "$1" "${token:-empty}" "$mount"
                else
                    case $said in
                        *'No such file or directory'*) echo "$1 absent" ;;
                        *) printf '%s\\n' "$said" >&2; return 1 ;;
                    esac
                fi
            }

            """
        for (index, canary) in canaries.enumerated() {
            text += "look \(index) " + RemoteCommand.quoted(canary.path) + "\n"
        }
        return text
    }

    /// One reading per canary; what was not answered is unknown, with `gap` as its reason.
    package static func readings(
        of canaries: [Canary], in output: [UInt8], gap: ProbeGap
    ) -> [CanaryReading] {
        var readings = [CanaryReading](repeating: .unknown(gap), count: canaries.count)
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(
                separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
            guard words.count >= 2, let index = Int(String(decoding: words[0], as: UTF8.self)),
                readings.indices.contains(index)
            else { continue }
            if words.count == 2, words[1].elementsEqual("absent".utf8) {
                readings[index] = .absent
            } else if words.count == 4, words[1].elementsEqual("present".utf8) {
                readings[index] = .present(
                    token: String(decoding: words[2], as: UTF8.self),
                    mount: BytePath(bytes: words[3]))
            }
        }
        return readings
    }
}
