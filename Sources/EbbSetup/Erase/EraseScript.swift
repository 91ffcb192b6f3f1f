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
    /// boot loader takes for an initramfs by itself, so that a person can start it. Nothing is
    /// rebuilt when every file was there already, unless an earlier rebuild did not end: a mark on
    /// persistent storage tells. When rebuilding fails the files go back to what they were, so that
    /// no later rebuild arms a host by surprise.
    package static func install(_ kit: EraseKit, limit: Int = 900) -> ProbeScript.Probe {
        var shell = prologue(kit)
        for file in kit.storageFiles + kit.rootFiles {
            let content = Data(file.content.utf8).base64EncodedString()
            shell +=
                "put \(RemoteCommand.quoted(file.path)) \(String(file.mode, radix: 8)) \(content)\n"
        }
        return ProbeScript.Probe(name: installName, shell: shell + epilogue(kit), limit: limit)
    }

    /// Removes the files and rebuilds; what was never there is no error.
    package static func remove(_ kit: EraseKit, limit: Int = 900) -> ProbeScript.Probe {
        var shell = prologue(kit)
        for file in kit.rootFiles + kit.storageFiles {
            shell +=
                "take \(RemoteCommand.quoted(file.path)) \(String(file.mode, radix: 8))\n"
        }
        return ProbeScript.Probe(name: removeName, shell: shell + epilogue(kit), limit: limit)
    }

    private static func prologue(_ kit: EraseKit) -> String {
        let back = (kit.storageFiles + kit.rootFiles).map { file in
            "    back \(RemoteCommand.quoted(file.path)) \(String(file.mode, radix: 8))\n"
        }
        let mark = kit.rebuild.isEmpty ? "" : kit.pendingMark
        return "changed=no\nmark=\(RemoteCommand.quoted(mark))\n" + functions
            + "back_all() {\n" + back.joined() + "    :\n}\nforget_all() {\n"
            + back.joined().replacing("    back ", with: "    forget ") + "    :\n}\n"
    }

    private static func epilogue(_ kit: EraseKit) -> String {
        var shell = """
            if [ "$changed" = yes ] || { [ -n "$mark" ] && [ -e "$mark" ]; }; then
                changed=yes

            """
        if kit.rebuildsInitramfs { shell += "    keep_initramfs\n" }
        for command in kit.rebuild {
            shell += "    \(command.shellLine) >/dev/null 2>\"$said\" || broken\n"
        }
        return shell + """
                [ -z "$mark" ] || { rm -f -- "$mark" && sync; }
            fi
            forget_all
            rm -f "$said"
            printf '%s\\n' "$changed"

            """
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
            entry=\(RemoteCommand.quoted(kit.imageEntry ?? ""))
            if command -v lsinitramfs >/dev/null; then entries() { lsinitramfs "$image"; }
            elif command -v lsinitrd >/dev/null; then entries() { lsinitrd "$image" | sed 's/.* //'; }
            else entry=
            fi
            if [ -z "$entry" ] || ! [ -e "$image" ]; then echo image unknown
            elif [ -e \(RemoteCommand.quoted(kit.pendingMark)) ]; then echo image lacks
            elif entries | grep -qxF -- "$entry"; then echo image holds
            else echo image lacks
            fi
            if [ -r /run/ebb/erase ]; then printf 'boot %s\\n' "$(head -c 500 /run/ebb/erase | head -n 1)"
            else echo boot silent
            fi

            """
        return ProbeScript.Probe(name: detectName, shell: shell, limit: limit)
    }

    /// A name that begins with a dot is run by no tool that runs what lies in a directory.
    private static let functions = #"""
        said=$(mktemp) || exit 1
        aside() { printf '%s/.ebb-%s-%s' "${1%/*}" "$2" "${1##*/}"; }
        pending() {
            changed=yes
            [ -n "$mark" ] || return 0
            mkdir -p -m 755 -- "${mark%/*}" && : >"$mark" && sync "$mark" "${mark%/*}" || exit 1
        }
        # What a file was before, for `back`; an empty name stands for none.
        remember() {
            before=$(aside "$1" before)
            none=$(aside "$1" none)
            [ ! -e "$before" ] && [ ! -e "$none" ] || return 0
            if [ -e "$1" ]; then cp -- "$1" "$before"; else : >"$none"; fi || exit 1
        }
        put() {
            if printf %s "$3" | base64 -d | cmp -s - "$1"; then return; fi
            mkdir -p -m 755 -- "${1%/*}" || exit 1
            pending
            remember "$1"
            new=$(aside "$1" new)
            printf %s "$3" | base64 -d >"$new" && chmod "$2" -- "$new" && sync "$new" \
                && mv -- "$new" "$1" && sync "${1%/*}" || exit 1
        }
        take() {
            [ -e "$1" ] || return 0
            pending
            remember "$1"
            rm -- "$1" && sync "${1%/*}" || exit 1
        }
        back() {
            before=$(aside "$1" before)
            if [ -e "$before" ]; then chmod "$2" -- "$before" && mv -- "$before" "$1"
            elif [ -e "$(aside "$1" none)" ]; then rm -f -- "$1" "$(aside "$1" none)"
            fi
        }
        forget() { rm -f -- "$(aside "$1" before)" "$(aside "$1" none)" "$(aside "$1" new)"; }
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
            back_all
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
