/// The files that a host must have, in its blank too, for declared paths to come back at boot.
package enum HostFiles {
    /// Where the boot-time script is installed.
    package static let persistScriptPath = "/usr/local/lib/ebb/ebb-persist"
    /// Where its unit is installed.
    package static let persistUnitPath = "/etc/systemd/system/ebb-persist.service"
    /// The link that enables the unit.
    package static let persistUnitWant = "/etc/systemd/system/local-fs.target.wants/ebb-persist.service"

    /// The boot-time script.
    package static var persistScript: String { String(decoding: PackageResources.ebb_persist, as: UTF8.self) }

    /// Its unit, for persistent storage mounted at `storage`.
    package static func persistUnit(storage: String) -> String {
        String(decoding: PackageResources.ebb_persist_service, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map { line in
            // The script's own path is no storage.
            line.replacing("under /persist ", with: "under \(storage) ").replacing("=/persist", with: "=\(storage)")
                .replacing("ebb-persist /persist", with: "ebb-persist \(storage)")
        }.joined(separator: "\n")
    }

    /// The unit of the storage with this number: the first has the name that everything knows.
    package static func unitPath(_ number: Int) -> String {
        number == 0 ? persistUnitPath : "/etc/systemd/system/ebb-persist-\(number + 1).service"
    }

    /// The link that enables the unit of the storage with this number.
    package static func unitWant(_ number: Int) -> String {
        number == 0 ? persistUnitWant : "/etc/systemd/system/local-fs.target.wants/ebb-persist-\(number + 1).service"
    }
}
