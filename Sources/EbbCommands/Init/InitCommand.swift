import ArgumentParser
import EbbLocal
import EbbModel
import EbbReport
import FoundationEssentials

/// `ebb init`: the first files of a fleet.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Writes the first inventory and playbook of a fleet.",
        usage: "ebb init [DIRECTORY] [options]", discussion: "Files that are there already are never changed."
    ).example("ebb init fleet")

    @Argument(help: "Where to write.") var directory = "."

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        _ = try options.format(among: [.table])
        var lines: [String] = []
        for (path, text) in InitFiles.all {
            let place = directory == "." ? path : directory + "/" + path
            if FileManager.default.fileExists(atPath: place) {
                lines.append("kept     \(place)")
                continue
            }
            let parent = BytePath(place).parent.text ?? "."
            do { try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true) } catch {
                throw Failure(
                    .toolFailure, "cannot write \(place): its directory is not there and cannot be made",
                    hint: "`ebb init DIRECTORY` needs one that you may write to")
            }
            try WholeFile.write(text, to: place)
            lines.append("written  \(place)")
        }
        lines.append("Next: put your hosts into inventory/hosts.yml, then `ebb inventory check`.")
        try options.results.write(lines.map { $0 + "\n" }.joined())
    }
}

/// The first files of a fleet, as `ebb init` writes them.
enum InitFiles {
    /// Paths below the chosen directory, and what is in the files.
    static let all: [(path: String, text: String)] = [
        ("inventory/hosts.yml", hosts), ("inventory/group_vars/all.yml", everybody),
        ("inventory/group_vars/example.yml", group), ("playbooks/rolling-reboot.yml", playbook),
    ]

    private static let hosts = """
        # Groups and hosts, in Ansible's own form. See them with `ebb inventory graph`.
        all:
          children:
            example:
              hosts:
                host1: {ansible_host: 192.0.2.1}

        """

    private static let everybody = """
        # What holds for every host. A group or a host may say otherwise, key by key.
        ansible_user: root

        ebb:
          persist:
            - {mount: /persist}
          presets: [ssh-host-keys, machine-id]
          reboot:
            max_unavailable: 1
            waves: [1, 10%, rest]
            timeout: 10m
          compliance:
            proven_boot_max_age: 30d
            unexplained_grace: 7d

        """

    private static let group = """
        # What holds for the group `example`.
        ebb:
          # How the root is erased: zfs, btrfs, overlay, tmpfs or mkfs; none while it is not yet.
          root: {strategy: none}
          # What must survive.
          persistence: []
          #  - {path: /var/lib/postgresql, mechanism: bind, class: precious, owner: postgres}
          # What may be lost, and who says so.
          accept: []
          #  - {path: "/var/cache/**", reason: fills again, by: ops, until: 2027-06-30}

        """

    private static let playbook = """
        # Run with `ebb play playbooks/rolling-reboot.yml`; `--check` changes nothing.
        name: Rolling reboot
        hosts: all
        steps:
          - drift: {fail_on: [unexplained, leaked]}
          - reboot: {}
          - verify: {}
          - report: {}

        """
}
