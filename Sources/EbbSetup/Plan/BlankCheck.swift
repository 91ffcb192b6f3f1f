package import EbbModel
package import EbbProbe
import FoundationEssentials

/// Whether a blank holds all that a host needs to come back from it and to be erased again.
package enum BlankCheck {
    /// The name of the probe.
    package static let probeName = "blank-check"

    /// Compares files in the blank with what they must be; `nil` where a blank cannot be looked into.
    ///
    /// The probe prints the path of each file that the blank lacks or has otherwise.
    package static func probe(
        _ root: RootSettings, files: [HostFile], limit: Int = 60
    ) -> ProbeScript.Probe? {
        guard root.strategy != .overlay, let directory = BlankView.directory(root)
        else { return nil }
        let blank = String(decoding: RemoteCommand.quoted(directory.bytes), as: UTF8.self)
        var shell = "ls -d \(blank)/. >/dev/null || exit 1\n"
        for file in files {
            let path = RemoteCommand.quoted(file.path)
            let content = Data(file.content.utf8).base64EncodedString()
            shell += "printf %s \(content) | base64 -d | cmp -s - \(blank)\(path)"
            shell += " || printf '%s\\n' \(path)\n"
        }
        return ProbeScript.Probe(name: probeName, shell: shell, limit: limit)
    }
}
