package import EbbModel

/// Scripts that keep what a boot would erase on persistent storage, and bring it back.
package enum SafetyCopyShell {
    /// Where copies lie below a persistent mount.
    static func folder(on mount: String) -> String { (mount == "/" ? "" : mount) + "/.ebb/safety" }

    /// Copies these paths, without what is below them, into one archive that appears whole or not.
    ///
    /// Answers `copied NAME BYTES`. The oldest archives beyond `keep` go.
    package static func copy(_ paths: [BytePath], name: String, mount: String, keep: Int) -> HostScript {
        HostScript(
            PackageResources.safety_copy_sh,
            values: ["mount": mount, "folder": folder(on: mount), "name": name, "keep": "\(keep)"],
            words: paths.map(relative))
    }

    /// Lists every copy: `== NAME BYTES`, then one line per path, escaped as `tar` does it.
    package static func list(mount: String) -> HostScript {
        HostScript(PackageResources.safety_list_sh, values: ["folder": folder(on: mount)])
    }

    /// Brings a path, with all that is below it, back to where it was, out of one copy.
    ///
    /// Nothing that is there is replaced unless that is wanted. Answers with the restored paths.
    package static func restore(_ path: BytePath, from name: String, mount: String, replacing: Bool) -> HostScript {
        HostScript(
            PackageResources.safety_restore_sh,
            values: [
                "file": folder(on: mount) + "/\(name).tar", "existing": replacing ? "--overwrite" : "--keep-old-files",
            ], words: [relative(path)])
    }

    private static func relative(_ path: BytePath) -> [UInt8] { Array(path.bytes.drop { $0 == UInt8(ascii: "/") }) }
}
