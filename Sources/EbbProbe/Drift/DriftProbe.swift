package import EbbModel

/// Asks for the difference between the live root and its blank.
///
/// Both trees are listed, both lists are sorted by bytes, and only records that are not in both
/// leave the host. The live root is listed through a private, read-only bind mount of `/` where the
/// host allows one: it shows what mounts cover, and a covered directory's own mode and owner.
///
/// Output: records ended by NUL. `#word text` tells about the run; `/…` is a record of the blank
/// only, `TAB/…` one of the live root only; `=/path` says that content and extended attributes of a
/// path are the same in both although a time says otherwise; `@digest /path` is what a small file
/// on the live root holds; after `#erased /mount` come the records of what lies in a mount that the boot destroys
/// as well; `!/path` is one that holds a private key; `#original /path` says that what lies beneath an adopted path's
/// mount, or beside its link, is as it was when the copy was compared with it. A record is
/// `/path//kind size mode uid gid mtime ctime inode[ link target]`, with `-` for a field that does
/// not count; a path cannot hold `//`, so the first one ends it.
enum DriftProbe {
    static let name = "drift"

    /// The question for a host with these settings.
    static func probe(_ settings: HostSettings, limit: Int) -> ProbeScript.Probe {
        let root = settings.root
        let script = HostScript(
            PackageResources.drift_common_sh, PackageResources.subvolumes_sh, PackageResources.drift_sh,
            values: [
                "salt": settings.host.text, "declared": root?.strategy.rawValue ?? "", "dataset": root?.dataset ?? "",
                "blank": root?.blank ?? "", "top": root?.top ?? "", "lower": root?.lower ?? "",
                "erases": (root?.erases ?? []).joined(separator: "\n"),
                "storages": settings.persist.map(\.mount).joined(separator: "\n"),
            ])
        return ProbeScript.Probe(name: name, shell: script, limit: limit)
    }
}

/// Asks ZFS itself for the difference from the blank: a quick look, never the whole answer.
///
/// What it names is true. It leaves out further names of hard-linked files without a word, and a
/// renamed directory stands for all that is below it.
enum ZFSDiffProbe {
    static let name = "zfs-diff"

    static func probe(_ root: RootSettings, limit: Int) -> ProbeScript.Probe {
        let dataset = root.dataset ?? ""
        let blank = dataset + "@" + (root.blank ?? "")
        return ProbeScript.Probe(
            name: name, command: RemoteCommand("zfs", "diff", "-FHt", blank, dataset), limit: limit)
    }

    /// Why the answer is not whole, whatever it says.
    static let caveat = ProbeGap(
        probe: name, reason: .notAsked,
        message: "a quick look by `zfs diff`: it leaves out hard-linked files, and says no sizes")
}

/// Asks a NixOS host which files below `/etc` it copies at each activation.
enum ManagedProbe {
    static let name = "managed"

    static let probe = ProbeScript.Probe(name: name, shell: HostScript(PackageResources.managed_sh))

    /// The paths of the list, which names them relative to `/etc`, one a line.
    static func paths(_ output: [UInt8]) -> Set<BytePath> {
        let etc = BytePath("/etc")
        return Set(output.split(separator: 10).map { etc.appending($0) })
    }
}

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
    package static func probe(file: String, boot: BootID?, limit: Int = 600) -> ProbeScript.Probe {
        let script = HostScript(
            PackageResources.drift_common_sh, PackageResources.baseline_sh,
            values: ["file": file, "boot": boot?.text ?? ""])
        return ProbeScript.Probe(name: name, shell: script, limit: limit)
    }

    /// How many entries were written down; `nil` where the answer does not say.
    package static func entries(_ output: [UInt8]) -> Int? {
        guard let last = output.split(separator: 0).last else { return nil }
        let words = String(decoding: last, as: UTF8.self).split(separator: " ")
        guard words.count == 2, words[0] == "#entries" else { return nil }
        return Int(words[1])
    }
}
