package import EbbModel
package import EbbProbe

/// Whether a blank holds all that a host needs to come back from it and to be erased again.
package enum BlankCheck {
    /// The name of the probe.
    package static let probeName = "blank-check"

    /// Compares files in the blank with what they must be; `nil` where a blank cannot be looked into.
    ///
    /// The probe prints the path of each file that the blank lacks or has otherwise.
    package static func probe(_ root: RootSettings, files: [HostFile], limit: Int = 60) -> ProbeScript.Probe? {
        guard root.strategy != .overlay, let directory = BlankView.directory(root) else { return nil }
        let script = HostScript(
            PackageResources.blank_check_sh, values: ["blank": String(decoding: directory.bytes, as: UTF8.self)],
            words: files.flatMap { [$0.words[0], $0.words[2]] })
        return ProbeScript.Probe(name: probeName, shell: script, limit: limit)
    }
}
