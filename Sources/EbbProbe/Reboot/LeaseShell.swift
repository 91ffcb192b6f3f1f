/// Scripts by which controllers with different databases notice each other on a host.
///
/// The lease is a file in `/run`, so it is gone with the boot that it was about. It never expires:
/// whoever finds one leaves the host alone and says whose it is.
package enum LeaseShell {
    /// Where the lease lies on a host.
    package static let path = "/run/ebb/lease"

    /// Takes the lease, or finds that it is taken; answers with the owner it has now.
    ///
    /// A lease of `replaced` is taken over.
    package static func take(owner: String, replacing replaced: String = "") -> HostScript {
        HostScript(PackageResources.lease_take_sh, values: ["path": path, "owner": owner, "replaced": replaced])
    }

    /// Gives the lease back, if it is the owner's.
    package static func release(owner: String) -> HostScript {
        HostScript(PackageResources.lease_release_sh, values: ["path": path, "owner": owner])
    }
}
