package import EbbModel

/// Shell text that asks a host several questions in one round trip.
///
/// The text is for `sh -s`. It is one function that its last line calls, so a script that was cut
/// on its way does nothing at all. Each probe runs in a shell of its own, niced and time-limited
/// where the host can, with nothing on standard input: a mistake in one probe cannot eat or stop
/// the others. Its standard output is passed on as it comes; its status and the end of its standard
/// error follow it. No temporary file is written.
package struct ProbeScript: Sendable, Hashable {
    /// One question.
    package struct Probe: Sendable, Hashable {
        /// How the answer is found again: letters, digits, `-`, `.`.
        package let name: String
        /// POSIX shell text: a `HostScript`, one program, or a command of the inventory.
        package let shell: [UInt8]
        /// Seconds after which the host itself stops the probe.
        package let limit: Int

        package init(name: String, shell: String, limit: Int = 60) {
            self.init(name: name, shell: Array(shell.utf8), limit: limit)
        }

        package init(name: String, shell: [UInt8], limit: Int = 60) {
            (self.name, self.shell, self.limit) = (name, shell, limit)
        }

        /// A probe that runs a script of `Host/`.
        package init(name: String, shell: HostScript, limit: Int = 60) {
            self.init(name: name, shell: shell.bytes, limit: limit)
        }

        /// A probe that runs one program.
        package init(name: String, command: RemoteCommand, limit: Int = 60) {
            self.init(name: name, shell: command.shellLine, limit: limit)
        }
    }

    package let nonce: ProbeNonce
    package let probes: [Probe]

    package init(nonce: ProbeNonce, probes: [Probe]) { (self.nonce, self.probes) = (nonce, probes) }

    /// The script, for the standard input of `sh -s`.
    package var bytes: [UInt8] {
        var text = PackageResources.prelude_sh
        for (index, probe) in probes.enumerated() {
            let limit = max(1, probe.limit)
            let here = "EBB_\(nonce.text)_\(index)"
            text += Array("ebb_\(index)() {\n$ebb_gently $ebb_limit".utf8)
            text += Array("${ebb_limit:+ \(limit)} sh -s <<'\(here)' &\n{\n".utf8)
            // The braces make the shell read all of the text before it runs any of it.
            text += probe.shell
            text += Array("\n} </dev/null\n\(here)\n}\n".utf8)
        }
        text += Array("ebb_main() {\nebb_mark=\(nonce.text)\nebb_prepare\n".utf8)
        for (index, probe) in probes.enumerated() {
            text += Array("ebb_probe \(RemoteCommand.quoted(probe.name)) ebb_\(index)\n".utf8)
        }
        text += Array("printf '\\n%s complete\\n' \"$ebb_mark\"\n}\nebb_main </dev/null\n".utf8)
        return text
    }
}
