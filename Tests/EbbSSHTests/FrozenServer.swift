/// Words of scripts that stop the server of the connection that they came by.
enum FrozenServer {
    /// Sets `server` to that process of `sshd`; through `ssh` a shell of Ebb's stands in between.
    static let find = """
        server=$$
        until case $(cat /proc/$server/comm) in sshd*) : ;; *) false ;; esac; do
            server=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$server/status)
            [ "$server" -gt 1 ] || exit 1
        done

        """

    /// Stops it in mid-command.
    static let stop = find + "kill -STOP $server\n"
}
