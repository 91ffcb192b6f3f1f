/// The files that a host must have, in its blank too, for declared paths to come back at boot.
package enum HostFiles {
    /// Where the boot-time script is installed.
    package static let persistScriptPath = "/usr/local/lib/ebb/ebb-persist"
    /// Where its unit is installed.
    package static let persistUnitPath = "/etc/systemd/system/ebb-persist.service"
    /// The link that enables the unit.
    package static let persistUnitWant =
        "/etc/systemd/system/local-fs.target.wants/ebb-persist.service"

    /// The boot-time script.
    package static var persistScript: String {
        String(decoding: PackageResources.ebb_persist, as: UTF8.self)
    }

    /// Its unit, for persistent storage mounted at `/persist`.
    package static var persistUnit: String {
        String(decoding: PackageResources.ebb_persist_service, as: UTF8.self)
    }
}
