package import EbbModel

/// The questions behind `HostFacts`.
package enum FactProbes {
    static let bootID = "boot-id"
    static let machineID = "machine-id"
    static let kernel = "kernel"
    static let system = "os-release"
    static let clock = "clock"
    static let uptime = "uptime"
    static let mounts = "mounts"
    static let systemState = "system-state"
    static let failedUnits = "failed-units"
    static let jobs = "jobs"
    static let rootIdentity = "root-identity"
    static let storage = "storage"
    static let safeSnapshots = "safe-snapshots"
    static let eraseGuard = "erase-guard"

    /// All of them, for one host.
    package static func all(for settings: HostSettings) -> [ProbeScript.Probe] {
        [
            .init(name: bootID, command: RemoteCommand("cat", "/proc/sys/kernel/random/boot_id")),
            .init(name: machineID, shell: HostScript(PackageResources.machine_id_sh)),
            .init(name: kernel, command: RemoteCommand("uname", "-r")),
            .init(name: system, shell: HostScript(PackageResources.os_release_sh)),
            .init(name: clock, command: RemoteCommand("date", "+%s.%N")),
            .init(name: uptime, command: RemoteCommand("cat", "/proc/uptime")),
            .init(name: mounts, command: RemoteCommand("cat", "/proc/self/mountinfo")),
            .init(name: systemState, shell: HostScript(PackageResources.system_state_sh)),
            .init(name: failedUnits, shell: HostScript(PackageResources.failed_units_sh)),
            .init(
                name: rootIdentity,
                shell: HostScript(PackageResources.root_identity_sh, values: ["blank": settings.root?.blank ?? ""])),
            storageProbe(settings.persist.map(\.mount)),
        ] + SafetyProbes.all(for: settings)
    }

    /// Whether the services are up and well: what a boot must still be at the end of its soak.
    package static var services: [ProbeScript.Probe] {
        [
            .init(name: systemState, shell: HostScript(PackageResources.system_state_sh)),
            .init(name: failedUnits, shell: HostScript(PackageResources.failed_units_sh)),
            .init(name: jobs, shell: HostScript(PackageResources.jobs_sh)),
        ]
    }

    /// Block size, blocks, free blocks for users, inodes, free inodes: one line per mount.
    private static func storageProbe(_ mounts: [String]) -> ProbeScript.Probe {
        let command =
            mounts.isEmpty
            ? RemoteCommand("true") : RemoteCommand("stat", arguments: ["-f", "-c", "%S %b %a %c %d", "--"] + mounts)
        return .init(name: storage, command: command)
    }
}
