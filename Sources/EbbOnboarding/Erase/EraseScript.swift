package import EbbModel
package import EbbProbe
import FoundationEssentials

/// Puts the files of an `EraseKit` on a host, takes them away, or asks whether they are there.
package enum EraseScript {
    /// The name of the probe that installs.
    package static let installName = "erase-install"
    /// The name of the probe that removes.
    package static let removeName = "erase-remove"
    /// The name of the probe that detects.
    package static let detectName = "erase-detect"

    /// Writes each file beside its place, makes it durable, and renames it; then rebuilds.
    ///
    /// The running initramfs is kept as `/boot/ebb-before-…` the first time, under a name that no
    /// boot loader takes for an initramfs by itself, so that a person can start it. Nothing is rebuilt when every file was there already.
    package static func install(_ kit: EraseKit, limit: Int = 900) -> ProbeScript.Probe {
        var shell = "changed=no\n" + functions
        for file in kit.storageFiles + kit.rootFiles {
            let content = Data(file.content.utf8).base64EncodedString()
            shell +=
                "put \(RemoteCommand.quoted(file.path)) \(String(file.mode, radix: 8)) \(content)\n"
        }
        shell += "if [ \"$changed\" = yes ]; then\n    keep_initramfs\n"
        for command in kit.rebuild {
            shell += "    \(command.shellLine) >/dev/null 2>\"$said\" || broken\n"
        }
        shell += "fi\nrm -f \"$said\"\nprintf '%s\\n' \"$changed\"\n"
        return ProbeScript.Probe(name: installName, shell: shell, limit: limit)
    }

    /// Removes the files and rebuilds; what was never there is no error.
    package static func remove(_ kit: EraseKit, limit: Int = 900) -> ProbeScript.Probe {
        var shell = "changed=no\n" + functions
        for file in kit.rootFiles + kit.storageFiles {
            let path = RemoteCommand.quoted(file.path)
            shell += "if [ -e \(path) ]; then rm -- \(path) && changed=yes || exit 1; fi\n"
        }
        shell += "if [ \"$changed\" = yes ]; then\n"
        for command in kit.rebuild {
            shell += "    \(command.shellLine) >/dev/null 2>\"$said\" || broken\n"
        }
        shell += "fi\nrm -f \"$said\"\nprintf '%s\\n' \"$changed\"\n"
        return ProbeScript.Probe(name: removeName, shell: shell, limit: limit)
    }

    /// Asks which files are as they should be, whether the initramfs holds the script, and what the
    /// last boot said.
    package static func detect(_ kit: EraseKit, limit: Int = 120) -> ProbeScript.Probe {
        var shell = ""
        for (index, file) in (kit.rootFiles + kit.storageFiles).enumerated() {
            let content = Data(file.content.utf8).base64EncodedString()
            shell += """
                if [ ! -e \(RemoteCommand.quoted(file.path)) ]; then echo 'file \(index) absent'
                elif printf %s \(content) | base64 -d | cmp -s - \(RemoteCommand.quoted(file.path))
                then echo 'file \(index) same'
                else echo 'file \(index) other'
                fi

                """
        }
        shell += """
            image=/boot/initrd.img-$(uname -r)
            if command -v lsinitramfs >/dev/null && [ -e "$image" ]; then
                if lsinitramfs "$image" | grep -q 'local-premount/ebb-erase$'; then echo image holds
                else echo image lacks
                fi
            else
                echo image unknown
            fi
            if [ -r /run/ebb/erase ]; then printf 'boot %s\\n' "$(head -c 500 /run/ebb/erase | head -n 1)"
            else echo boot silent
            fi

            """
        return ProbeScript.Probe(name: detectName, shell: shell, limit: limit)
    }

    private static let functions = #"""
        said=$(mktemp) || exit 1
        put() {
            if printf %s "$3" | base64 -d | cmp -s - "$1"; then return; fi
            mkdir -p -m 755 -- "${1%/*}" && printf %s "$3" | base64 -d >"$1.ebb-new" \
                && chmod "$2" -- "$1.ebb-new" && sync "$1.ebb-new" && mv -- "$1.ebb-new" "$1" || exit 1
            changed=yes
        }
        keep_initramfs() {
            image=/boot/initrd.img-$(uname -r)
            before=/boot/ebb-before-${image##*/}
            if [ -e "$image" ] && [ ! -e "$before" ]; then
                cp -- "$image" "$before.new" && sync "$before.new" && mv -- "$before.new" "$before" \
                    || exit 1
            fi
        }
        broken() {
            tail -n 5 "$said" >&2
            rm -f "$said"
            exit 1
        }

        """#
}

/// What `EraseScript.detect` found.
package struct EraseState: Hashable, Sendable {
    /// What a file looks like beside what it should hold.
    package enum FileState: String, Sendable { case absent, same, other }
    /// What the last boot reported in `/run/ebb/erase`.
    package enum Boot: Hashable, Sendable {
        case erased(String)
        case trial(String)
        case skipped(String)
        case failed(String)
        /// Nothing was reported: nothing of Ebb's ran.
        case silent
    }

    package let files: [FileState]
    /// Whether the initramfs holds the script; `nil` where that cannot be asked.
    package let imageHolds: Bool?
    package let boot: Boot

    /// Whether the mechanism is installed as the kit says.
    package var isInstalled: Bool { files.allSatisfy { $0 == .same } && imageHolds != false }

    /// Reads the answer of the probe; throws where a line is missing or not understood.
    package init(parsing output: [UInt8], fileCount: Int) throws(ProbeGap) {
        var files: [FileState] = []
        var image: String?
        var boot: Boot?
        for row in output.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: row, as: UTF8.self)
                .split(separator: " ", maxSplits: 2).map(String.init)
            switch words.first {
            case "file" where words.count == 3:
                guard let state = FileState(rawValue: words[2]) else { throw Self.odd }
                files.append(state)
            case "image" where words.count == 2: image = words[1]
            case "boot" where words.count >= 2:
                boot = Self.boot(words[1], words.count > 2 ? words[2] : "")
            default: throw Self.odd
            }
        }
        guard files.count == fileCount, let image, let boot else { throw Self.odd }
        self.files = files
        imageHolds = image == "unknown" ? nil : image == "holds"
        self.boot = boot
    }

    private static func boot(_ word: String, _ rest: String) -> Boot {
        switch word {
        case "erased:": .erased(rest)
        case "trial:": .trial(rest)
        case "skipped:": .skipped(rest)
        case "silent": .silent
        // An unknown word is no good news.
        default: .failed(word + " " + rest)
        }
    }

    private static var odd: ProbeGap {
        ProbeGap(
            probe: EraseScript.detectName, reason: .unparseable,
            message: "cannot read what the host says of its erase mechanism")
    }
}
