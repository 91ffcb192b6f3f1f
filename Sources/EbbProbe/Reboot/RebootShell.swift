package import EbbModel

/// Shell text that tells a host to reboot, once, and the reading of its answer.
package enum RebootShell {
    /// What the host answered.
    package enum Answer: Hashable, Sendable {
        /// The reboot was handed to the host's own service manager.
        case accepted
        /// This attempt's reboot had been handed over before; nothing was done now.
        case alreadySent
        /// The host runs another boot than the one that was to be ended; nothing was done.
        case otherBoot
        /// The host said no, in these words; nothing was done.
        case refused(String)
    }

    /// The directory that marks an attempt as handed over, as a word of shell text.
    static func mark(of attempt: String) -> String {
        "/run/ebb/reboot-" + RemoteCommand.quoted(attempt)
    }

    /// Hands a reboot over to the host and returns at once.
    ///
    /// It is safe to send twice: the boot must be the expected one, and a directory in `/run`,
    /// made atomically and gone with the boot, marks the attempt as sent. The reboot itself runs
    /// detached and a moment later, so that the answer arrives and no connection is waited for.
    package static func send(attempt: String, expecting boot: BootID) -> String {
        """
        boot=$(cat /proc/sys/kernel/random/boot_id) || exit 1
        if [ "$boot" != \(boot.text) ]; then echo other-boot; exit 0; fi
        if command -v systemd-inhibit >/dev/null 2>&1; then
            blockers=$(systemd-inhibit --list --no-legend --no-pager 2>/dev/null |
                grep -E '[[:space:]]block[[:space:]]*$' | grep -E 'shutdown' | tr -s ' ')
            if [ -n "$blockers" ]; then
                printf 'refused blocked by: %s\\n' "$(printf '%s' "$blockers" | tr '\\n' ';')"
                exit 0
            fi
        fi
        mark=\(mark(of: attempt))
        mkdir -p /run/ebb || exit 1
        if ! mkdir "$mark" 2>/dev/null; then echo already-sent; exit 0; fi
        if [ -d /run/systemd/system ]; then
            systemctl show --property=UserspaceTimestampMonotonic >"$mark/manager" 2>/dev/null || :
        fi
        sync
        if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
            if command -v systemd-run >/dev/null 2>&1 &&
                systemd-run --quiet --collect --on-active=1s --timer-property=AccuracySec=100ms \\
                    --unit="ebb-reboot-"\(RemoteCommand.quoted(attempt)) \\
                    systemctl reboot 2>/dev/null; then
                echo accepted
                exit 0
            fi
            action='systemctl reboot'
        else
            action=reboot
        fi
        if command -v setsid >/dev/null 2>&1; then
            setsid sh -c "sleep 1; $action" </dev/null >/dev/null 2>&1 &
        else
            nohup sh -c "sleep 1; $action" </dev/null >/dev/null 2>&1 &
        fi
        echo accepted

        """
    }

    /// What the host answered when a reboot was withdrawn.
    package enum Withdrawal: String, Hashable, Sendable {
        /// It was handed over before.
        case alreadySent = "already-sent"
        /// The host runs another boot than the one that was to be ended.
        case otherBoot = "other-boot"
        /// It was not handed over, and a script that is still on its way comes too late.
        case withdrawn
    }

    /// Asks whether a reboot was handed over, and takes its mark where it was not.
    ///
    /// The mark is a file then, made as atomically as the directory that `send` makes.
    package static func withdraw(attempt: String, expecting boot: BootID) -> String {
        """
        expected=\(boot.text)
        mark=\(mark(of: attempt))
        read -r boot </proc/sys/kernel/random/boot_id || exit 1
        if [ "$boot" != "$expected" ]; then echo other-boot; exit 0; fi
        mkdir -p "${mark%/*}" || exit 1
        (set -C && : >"$mark") 2>/dev/null || [ -e "$mark" ] || exit 1
        if [ -f "$mark" ]; then echo withdrawn; else echo already-sent; fi

        """
    }

    /// Reads the answer to `withdraw`; `nil` when it is none of the known ones.
    package static func withdrawal(_ output: [UInt8]) -> Withdrawal? {
        Withdrawal(rawValue: String(decoding: output.filter { $0 != 10 }, as: UTF8.self))
    }

    /// Reads the answer; `nil` when it is none of the known ones.
    package static func answer(_ output: [UInt8]) -> Answer? {
        let text = String(decoding: output, as: UTF8.self)
        guard let line = text.split(separator: "\n").last(where: { !$0.isEmpty }) else {
            return nil
        }
        switch line {
        case "accepted": return .accepted
        case "already-sent": return .alreadySent
        case "other-boot": return .otherBoot
        default:
            guard line.hasPrefix("refused ") else { return nil }
            return .refused(PrintableText.line(String(line.dropFirst("refused ".count))))
        }
    }
}
