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
            (self.name, self.shell, self.limit) = (name, Array(shell.utf8), limit)
        }

        /// A probe that runs a script of `Host/`.
        package init(name: String, shell: HostScript, limit: Int = 60) {
            (self.name, self.shell, self.limit) = (name, shell.bytes, limit)
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

/// A file of shell below `Host/`, behind its parameters: the one way in which values enter a script.
package struct HostScript: Hashable, Sendable {
    /// The script's text.
    package let bytes: [UInt8]

    /// `values` become variables, `words` the arguments; `files` are run as one text, in order.
    package init(_ files: [UInt8]..., values: KeyValuePairs<String, String> = [:], words: [[UInt8]] = []) {
        var text: [UInt8] = []
        for (name, value) in values { text += Array("\(name)=\(RemoteCommand.quoted(value))\n".utf8) }
        if !words.isEmpty {
            text += Array("set --".utf8)
            for word in words { text += [UInt8(ascii: " ")] + RemoteCommand.quoted(word) }
            text += [UInt8(ascii: "\n")]
        }
        bytes = text + files.joined()
    }

    /// The same with arguments that are text.
    package init(_ files: [UInt8]..., values: KeyValuePairs<String, String> = [:], words: [String]) {
        self.init(Array(files.joined()), values: values, words: words.map { Array($0.utf8) })
    }
}

/// A random word that marks where probes begin and end in a host's output.
///
/// Output that was written before the script arrived cannot hold it, so no file content, name or
/// banner can be mistaken for a mark.
package struct ProbeNonce: Hashable, Sendable {
    /// Thirty-two hexadecimal digits.
    package let text: String

    /// Draws all but its first bits from the system: none of the two halves begins with a zero.
    package static func random() -> ProbeNonce {
        ProbeNonce(text: (0..<2).map { _ in String(UInt64.random(in: (1 << 60)...UInt64.max), radix: 16) }.joined())
    }
}
