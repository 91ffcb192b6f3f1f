import EbbModel

/// Shell text by which controllers with different databases notice each other on a host.
///
/// The lease is a file in `/run`, so it is gone with the boot that it was about. It never expires:
/// whoever finds one leaves the host alone and says whose it is.
package enum LeaseShell {
    /// Where the lease lies on a host.
    package static let path = "/run/ebb/lease"

    /// Takes the lease, or finds that it is taken; answers with the owner it has now.
    ///
    /// The text is written before the name is linked, so that no reader sees half of it.
    package static func take(owner: String) -> String {
        """
        mkdir -p /run/ebb || exit 1
        printf '%s\\n' \(RemoteCommand.quoted(owner)) >/run/ebb/.lease.$$ || exit 1
        ln /run/ebb/.lease.$$ \(path) 2>/dev/null || :
        rm -f /run/ebb/.lease.$$
        cat \(path)
        """
    }

    /// Gives the lease back, if it is the owner's.
    package static func release(owner: String) -> String {
        """
        [ ! -e \(path) ] || [ "$(cat \(path))" != \(RemoteCommand.quoted(owner)) ] || rm -f \(path)
        """
    }
}
