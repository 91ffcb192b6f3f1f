package import EbbModel

/// Files that programs replace by renaming a new one over them.
///
/// A rename over a bind-mounted file fails with EBUSY, and a rename over a symbolic link quietly
/// puts a plain file on the ephemeral root. Either way the single file cannot be kept; its
/// directory can.
package enum RenamedFiles {
    /// What to do instead, or `nil` when the file is not known to be replaced that way.
    package static func cure(for path: BytePath) -> String? {
        guard let text = path.text, let row = rows.first(where: { $0.path == text }) else { return nil }
        return row.cure
    }

    private static let rows: [(path: String, cure: String)] =
        accounts.map { ($0, accountCure) } + [
            ("/etc/resolv.conf", "keep the settings of the resolver that writes it"),
            ("/etc/mtab", "nothing: it is made by every boot"),
            ("/etc/hosts", "put the names into the blank, or declare them in your configuration"),
            ("/etc/hostname", "put the name into the blank"), ("/etc/localtime", "put the time zone into the blank"),
            ("/etc/timezone", "put the time zone into the blank"),
            ("/etc/fstab", "put it into the blank: it is read before anything is mounted"),
            ("/etc/crypttab", "put it into the blank: it is read before anything is mounted"),
            ("/etc/ld.so.cache", "nothing: ldconfig makes it"), ("/etc/lvm/cache", "nothing: LVM makes it"),
            ("/etc/adjtime", "set the hardware clock to UTC: the file is then not needed"),
            ("/etc/zfs/zpool.cache", "declare /etc/zfs"),
            ("/etc/NetworkManager/NetworkManager.conf", "declare /etc/NetworkManager"),
            ("/var/lib/NetworkManager/secret_key", "declare /var/lib/NetworkManager"),
            ("/var/lib/systemd/timesync/clock", "declare /var/lib/systemd/timesync"),
            ("/var/lib/dhcpcd/duid", "declare /var/lib/dhcpcd"),
            ("/var/lib/logrotate/status", "declare /var/lib/logrotate"),
            ("/var/lib/apt/extended_states", "put package changes into the blank"),
            ("/var/lib/dpkg/status", "put package changes into the blank"),
            ("/root/.ssh/known_hosts", "declare /root/.ssh"), ("/root/.bash_history", "declare /root, or set HISTFILE"),
        ]

    private static let accounts = [
        "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid", "/etc/passwd-",
        "/etc/group-", "/etc/shadow-", "/etc/gshadow-",
    ]

    private static let accountCure = """
        put the accounts into the blank, or declare them in your configuration; \
        /etc as a whole is the only directory that would hold the file
        """
}
