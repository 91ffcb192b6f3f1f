package import EbbModel

/// The script that tells a host to reboot, once, and the reading of its answer.
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

    /// The directory that marks an attempt as handed over.
    static func mark(of attempt: String) -> String { "/run/ebb/reboot-" + attempt }

    /// Hands a reboot over to the host and returns at once.
    ///
    /// It is safe to send twice: the boot must be the expected one, and a directory in `/run`,
    /// made atomically and gone with the boot, marks the attempt as sent.
    package static func send(attempt: String, expecting boot: BootID) -> HostScript {
        HostScript(
            PackageResources.reboot_sh,
            values: ["expected": boot.text, "mark": mark(of: attempt), "unit": "ebb-reboot-" + attempt])
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
    package static func withdraw(attempt: String, expecting boot: BootID) -> HostScript {
        HostScript(PackageResources.withdraw_sh, values: ["expected": boot.text, "mark": mark(of: attempt)])
    }

    /// Reads the answer to `withdraw`; `nil` when it is none of the known ones.
    package static func withdrawal(_ output: [UInt8]) -> Withdrawal? {
        Withdrawal(rawValue: String(decoding: output.filter { $0 != 10 }, as: UTF8.self))
    }

    /// Reads the answer; `nil` when it is none of the known ones.
    package static func answer(_ output: [UInt8]) -> Answer? {
        let text = String(decoding: output, as: UTF8.self)
        guard let line = text.split(separator: "\n").last(where: { !$0.isEmpty }) else { return nil }
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

/// The smallest question that tells one boot from another, and from a mere restart of services.
package enum BootProbe {
    /// The name of its answer: a boot id, and a word where there is more to say.
    package static let name = "boot"

    /// What it says after the boot id when services were started again since the mark was made.
    private static let restarted = "restarted"

    /// Reads the kernel's boot id, and nothing else.
    package static let probe = ProbeScript.Probe(
        name: name, command: RemoteCommand("cat", "/proc/sys/kernel/random/boot_id"), limit: 10)

    /// The same for a host that was told to reboot: within the old boot it also looks whether the
    /// service manager is still the one that was told.
    package static func probe(attempt: String, before: BootID) -> ProbeScript.Probe {
        let script = HostScript(
            PackageResources.boot_sh, values: ["before": before.text, "mark": RebootShell.mark(of: attempt)])
        return ProbeScript.Probe(name: name, shell: script, limit: 10)
    }

    /// Waits until the service manager has left its start-up, at most `limit` seconds.
    ///
    /// Whatever state it reaches is judged by other probes; no answer here is no verdict.
    package static func settling(limit: Int) -> ProbeScript.Probe {
        ProbeScript.Probe(name: "settle", shell: HostScript(PackageResources.settle_sh), limit: limit)
    }

    /// Reads the answer: the boot, and whether services were started again within it.
    package static func answer(_ output: [UInt8]) -> (boot: BootID, isRestarted: Bool)? {
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        guard let boot = lines.first.flatMap({ BootID(String($0)) }) else { return nil }
        return (boot, lines.dropFirst().contains { $0 == restarted })
    }
}
