/// The smallest question that tells one boot from another.
package enum BootProbe {
    /// The name of its answer: one line, a boot id.
    package static let name = "boot"

    /// Reads the kernel's boot id, and nothing else.
    package static let probe = ProbeScript.Probe(
        name: name, shell: "cat /proc/sys/kernel/random/boot_id", limit: 10)
}
