package import EbbModel
package import EbbProbe

/// What onboarding must know of a host beyond its facts.
package struct HostSurvey: Hashable, Sendable {
    /// What starts the kernel.
    package enum BootLoader: String, Sendable { case grub, systemdBoot, extlinux, pi, unknown }
    /// What builds the initramfs.
    package enum Initramfs: String, Sendable { case initramfsTools, dracut, nixos, mkinitcpio, unknown }

    let loader: BootLoader
    let initramfs: Initramfs
    /// Major and minor version of OpenZFS, where it is there.
    var zfs: String?
    /// Whether the package overlayroot is installed.
    var hasOverlayroot = false
    /// Whether the initramfs has systemd in it; `nil`: not known.
    var hasSystemdInitrd: Bool?

    /// The probe's name.
    package static let probeName = "onboard-survey"

    /// Asks once, reads only.
    package static func probe() -> ProbeScript.Probe {
        ProbeScript.Probe(name: probeName, shell: HostScript(PackageResources.survey_sh), limit: 30)
    }
}

extension HostSurvey {
    /// Reads the probe's answer; throws where a line is missing.
    package init(parsing output: [UInt8]) throws(ProbeGap) {
        var words: [String: String] = [:]
        for row in output.split(separator: UInt8(ascii: "\n")) {
            let pair = String(decoding: row, as: UTF8.self).split(separator: " ", maxSplits: 1)
            if pair.count == 2 { words[String(pair[0])] = String(pair[1]) }
        }
        guard let loader = words["loader"].flatMap(BootLoader.init(rawValue:)),
            let initramfs = words["initramfs"].flatMap(Initramfs.init(rawValue:)), let overlay = words["overlayroot"],
            let systemd = words["systemd-initrd"]
        else {
            throw ProbeGap(
                probe: Self.probeName, reason: .unparseable,
                message: "the host does not say all that onboarding must know")
        }
        self.init(
            loader: loader, initramfs: initramfs, zfs: words["zfs"], hasOverlayroot: overlay == "yes",
            hasSystemdInitrd: systemd == "unknown" ? nil : systemd == "yes")
    }
}
