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
    /// A lease of `replaced` is taken over. The text is written before it has the name, so that no
    /// reader sees half of it.
    package static func take(owner: String, replacing replaced: String = "") -> String {
        """
        owner=\(RemoteCommand.quoted(owner))
        replaced=\(RemoteCommand.quoted(replaced))
        mkdir -p /run/ebb || exit 1
        printf '%s\\n' "$owner" >/run/ebb/.lease.$$ || exit 1
        if [ -n "$replaced" ] && [ "$(cat \(path) 2>/dev/null)" = "$replaced" ]; then
            mv -f /run/ebb/.lease.$$ \(path) || exit 1
        fi
        ln /run/ebb/.lease.$$ \(path) 2>/dev/null || :
        rm -f /run/ebb/.lease.$$
        cat \(path)
        """
    }

    /// Gives the lease back, if it is the owner's.
    package static func release(owner: String) -> String {
        """
        owner=\(RemoteCommand.quoted(owner))
        [ ! -e \(path) ] || [ "$(cat \(path))" != "$owner" ] || rm -f \(path)
        """
    }
}
