import EbbModel

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
