package import EbbModel
package import EbbProbe

/// Puts the files of an `EraseKit` on a host, takes them away, or asks whether they are there.
package enum EraseScript {
    /// The name of the probe that detects.
    package static let detectName = "erase-detect"

    /// Puts the files on the host, then rebuilds what they count for.
    package static func install(_ kit: EraseKit) -> ProbeScript.Probe {
        change("erase-install", kit, "put", kit.storageFiles + kit.rootFiles)
    }

    /// Removes the files and rebuilds; what was never there is no error.
    package static func remove(_ kit: EraseKit) -> ProbeScript.Probe {
        change("erase-remove", kit, "take", kit.rootFiles + kit.storageFiles)
    }

    private static func change(_ name: String, _ kit: EraseKit, _ operation: String, _ files: [HostFile])
        -> ProbeScript.Probe
    {
        let script = HostScript(
            PackageResources.erase_files_sh,
            values: [
                "operation": operation, "rebuild": kit.rebuild.map(\.shellLine).joined(separator: " && "),
                "mark": kit.rebuild.isEmpty ? "" : kit.pendingMark,
                "keep_initramfs": kit.rebuildsInitramfs ? "yes" : "no",
            ], words: files.flatMap(\.words))
        return ProbeScript.Probe(name: name, shell: script, limit: 900)
    }

    /// Takes what makes the root an overlay on memory out of effect for the next boot.
    ///
    /// Prints `bare` where the root is no overlay, and `overlay` where it still is one until then.
    package static func disarm(_ mechanism: EraseMechanism) -> ProbeScript.Probe {
        let settings = mechanism == .systemdVolatile ? EraseKit.commandLineFile : "/etc/overlayroot.local.conf"
        return ProbeScript.Probe(
            name: "lower-disarm",
            shell: HostScript(
                PackageResources.lower_tree_sh, values: ["mechanism": mechanism.rawValue, "settings": settings]),
            limit: 300)
    }

    /// Asks which files are as they should be, whether the initramfs holds the script, and what the
    /// last boot said.
    package static func detect(_ kit: EraseKit) -> ProbeScript.Probe {
        let script = HostScript(
            PackageResources.erase_detect_sh, values: ["entry": kit.imageEntry ?? "", "mark": kit.pendingMark],
            words: (kit.rootFiles + kit.storageFiles).flatMap { [$0.words[0], $0.words[2]] })
        return ProbeScript.Probe(name: detectName, shell: script, limit: 120)
    }
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

    /// Reads the answer of the probe; throws where a line is missing or not understood.
    package init(parsing output: [UInt8], fileCount: Int) throws(ProbeGap) {
        var files: [FileState] = []
        var image: String?
        var boot: Boot?
        for row in output.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: row, as: UTF8.self).split(separator: " ", maxSplits: 2).map(String.init)
            switch words.first {
            case "file" where words.count == 3:
                guard let state = FileState(rawValue: words[2]) else { throw Self.odd }
                files.append(state)
            case "image" where words.count == 2: image = words[1]
            case "boot" where words.count >= 2: boot = Self.boot(words[1], words.count > 2 ? words[2] : "")
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
