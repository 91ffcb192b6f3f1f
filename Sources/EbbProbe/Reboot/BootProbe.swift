package import EbbModel

/// The smallest question that tells one boot from another, and from a mere restart of services.
package enum BootProbe {
    /// The name of its answer: a boot id, and a word where there is more to say.
    package static let name = "boot"

    /// What it says after the boot id when services were started again since the mark was made.
    private static let restarted = "restarted"

    /// Reads the kernel's boot id, and nothing else.
    package static let probe = ProbeScript.Probe(
        name: name, command: RemoteCommand("cat", "/proc/sys/kernel/random/boot_id"), limit: 10)

    /// The same for a host that was told to reboot: within the old boot it also looks whether the
    /// service manager is still the one that was told.
    package static func probe(attempt: String, before: BootID) -> ProbeScript.Probe {
        let script = HostScript(
            PackageResources.boot_sh, values: ["before": before.text, "mark": RebootShell.mark(of: attempt)])
        return ProbeScript.Probe(name: name, shell: script, limit: 10)
    }

    /// Waits until the service manager has left its start-up, at most `limit` seconds.
    ///
    /// Whatever state it reaches is judged by other probes; no answer here is no verdict.
    package static func settling(limit: Int) -> ProbeScript.Probe {
        ProbeScript.Probe(name: "settle", shell: HostScript(PackageResources.settle_sh), limit: limit)
    }

    /// Reads the answer: the boot, and whether services were started again within it.
    package static func answer(_ output: [UInt8]) -> (boot: BootID, isRestarted: Bool)? {
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        guard let boot = lines.first.flatMap({ BootID(String($0)) }) else { return nil }
        return (boot, lines.dropFirst().contains { $0 == restarted })
    }
}
