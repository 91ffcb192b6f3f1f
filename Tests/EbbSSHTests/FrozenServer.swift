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

    /// Stops it in mid-command, once it waits: whatever was written before has been sent.
    static let stop =
        find + """
            until grep -q '^State:.S' /proc/$server/status; do sleep 0.1; done
            kill -STOP $server

            """
}
