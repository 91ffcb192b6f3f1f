package import EbbModel

/// Shell text that keeps what a boot would erase on persistent storage, and brings it back.
package enum SafetyCopyShell {
    /// Where copies lie below a persistent mount.
    static func folder(on mount: String) -> String {
        (mount == "/" ? "" : mount) + "/.ebb/safety"
    }

    /// Copies these paths, without what is below them, into one archive that appears whole or not.
    ///
    /// Answers `copied NAME BYTES`. The oldest archives beyond `keep` go.
    package static func copy(
        _ paths: [BytePath], name: String, mount: String, keep: Int
    ) -> [UInt8] {
        let folder = RemoteCommand.quoted(folder(on: mount))
        var text = Array(
            """
            mount=\(RemoteCommand.quoted(mount)) folder=\(folder) name=\(RemoteCommand.quoted(name))
            [ "$(stat -c %m -- "$mount")" = "$mount" ] || { echo "$mount is not mounted" >&2; exit 1; }
            mkdir -p "$folder" && chmod 700 "$folder" || exit 1
            paths() {

            """.utf8)
        for path in paths {
            text += Array("printf '%s\\000' ".utf8)
            text += RemoteCommand.quoted(Array(path.bytes.drop { $0 == UInt8(ascii: "/") }))
            text += Array("\n".utf8)
        }
        text += Array(
            """
            }
            paths | tar -C / --no-recursion --null --numeric-owner --acls --xattrs \\
                --files-from=- -cf "$folder/$name.partial"
            status=$?
            # 1 is a file that changed while it was read: the rest is there, and so is most of it.
            if [ "$status" -gt 1 ]; then rm -f "$folder/$name.partial"; exit "$status"; fi
            mv -f "$folder/$name.partial" "$folder/$name.tar" && sync -- "$folder/$name.tar" || sync
            ls -1t "$folder" | grep '\\.tar$' | tail -n +\(keep + 1) | while read -r old; do
                rm -f "$folder/$old"
            done
            echo "copied $name $(stat -c %s "$folder/$name.tar")"

            """.utf8)
        return text
    }

    /// Lists every copy: `== NAME BYTES`, then one line per path, escaped as `tar` does it.
    package static func list(mount: String) -> String {
        """
        folder=\(RemoteCommand.quoted(folder(on: mount)))
        [ -d "$folder" ] || exit 0
        ls -1t "$folder" | grep '\\.tar$' | while read -r file; do
            printf '== %s %s\\n' "${file%.tar}" "$(stat -c %s "$folder/$file")"
            tar -tvf "$folder/$file" --numeric-owner --quoting-style=escape --full-time
        done
        """
    }

    /// Brings a path, with all that is below it, back to where it was, out of one copy.
    ///
    /// Nothing that is there is replaced unless that is wanted. Answers with the restored paths.
    package static func restore(
        _ path: BytePath, from name: String, mount: String, replacing: Bool
    ) -> [UInt8] {
        let file = RemoteCommand.quoted(folder(on: mount) + "/\(name).tar")
        var text = Array("tar -C / -xvpf \(file) --numeric-owner --acls --xattrs ".utf8)
        text += Array((replacing ? "--overwrite" : "--keep-old-files").utf8)
        text += Array(" --quoting-style=escape --no-wildcards -- ".utf8)
        text += RemoteCommand.quoted(Array(path.bytes.drop { $0 == UInt8(ascii: "/") }))
        return text + Array("\n".utf8)
    }
}
