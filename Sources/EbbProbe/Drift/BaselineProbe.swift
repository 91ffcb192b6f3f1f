package import EbbModel

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
