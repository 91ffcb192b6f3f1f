package import EbbModel
package import EbbTransport
import FoundationEssentials

/// A small model of a machine whose root is erased at every boot, and its answers to Ebb's probes.
package struct ScriptedMachine: Sendable {
    /// What a probe brings back.
    package struct Answer: Sendable {
        package var output: String
        package var error: String
        package var status: Int32

        package init(_ output: String = "", error: String = "", status: Int32 = 0) {
            self.output = output
            self.error = error
            self.status = status
        }
    }

    /// A file: the text in it.
    package typealias Path = String

    /// How often the machine has booted since the test began.
    package private(set) var boots = 0
    /// The error that a connection gives; `nil`: the machine answers.
    package var trouble: TransportError.Code?
    package var machineID: String
    package var hostKey: HostKey
    /// Mount points that a boot erases, `/` among them.
    package var erased: Set<String> = ["/"]
    /// Mount points that a boot keeps.
    package var kept: Set<String> = ["/persist"]
    /// The files that matter.
    package var files: [Path: String] = [:]
    /// Names of failed units.
    package var failedUnits: [String] = []
    /// The state of its services, where it is not what the failed units make of it.
    package var systemState: String?
    /// Why reboots are refused, if they are.
    package var inhibitor: String?
    /// What the drift probe lists, record by record, beside its closing mark.
    package var drift: [String] = []
    /// Answers that replace the model's own, by the probe's name.
    package var answers: [String: Answer] = [:]
    /// Whether a boot gives the root a new identity.
    package var renewsRoot = true
    /// The mark of the directory that the initramfs copied the root from.
    package var blank: String?
    /// Mount points that are not mounted: what lies on them is hidden, and no boot erases it.
    package var unmounted: Set<String> = []
    /// Mount points whose file system a boot makes anew where it erases them; others are only emptied.
    package var renewed: Set<String> = ["/", "/scratch"]
    /// Mount points that hold something older than the boot, whatever else was erased.
    package var holdsOlder: Set<String> = []
    /// What the mount table says of a mount point, where it is not the model's own: type and source.
    package var devices: [String: String] = [:]
    /// The inode of each file that was written through a probe; one that a test puts there has number 1.
    package var inodes: [Path: Int] = [:]

    private let number: Int
    private var roots = 0
    private var lastInode = 1
    /// How often the service manager was started in this boot.
    private var managers = 0
    /// Reboots handed over in this boot, with the service manager that they were handed to.
    private var marks: [String: Int] = [:]
    /// Reboots that were withdrawn in this boot.
    private var withdrawn: Set<String> = []
    private var bootedAt = Duration.zero

    /// The machine with this number: its identities are made from it.
    init(number: Int) {
        self.number = number
        machineID = String(repeating: "a", count: 28) + String(1000 + number)
        hostKey = HostKey(algorithm: "ssh-ed25519", blob: [UInt8(truncatingIfNeeded: number)])
    }

    /// The boot that it runs.
    package var boot: BootID { boot(boots) }

    /// The boot with this number, 0 being the one that the test begins with.
    package func boot(_ count: Int) -> BootID {
        let digits = String(1_000_000_000_000 + number * 1000 + count).dropFirst()
        guard let boot = BootID("00000000-0000-4000-8000-\(digits)") else {
            preconditionFailure("\(count) boots of machine \(number) make no boot id")
        }
        return boot
    }

    /// Who has the lease on the machine.
    package var lease: String? {
        get { files["/run/ebb/lease"] }
        set { files["/run/ebb/lease"] = newValue }
    }

    /// Whether a reboot was handed over in this boot.
    package var isToldToReboot: Bool { !marks.isEmpty }

    /// Answers nobody from now on.
    package mutating func goDown() { trouble = .connectTimedOut }

    /// Comes up in a new boot, with nothing of what the old one wrote to what is erased.
    package mutating func comeUp(at time: Duration = .zero) {
        boots += 1
        if renewsRoot { roots = boots }
        managers = 0
        marks = [:]
        withdrawn = []
        bootedAt = time
        files = files.filter { path, _ in
            if path.hasPrefix("/run/") { return false }
            // What nothing is mounted over is hidden, and stays.
            return hiding(path) != nil || !erased.contains(mount(of: path))
        }
        inodes = inodes.filter { files[$0.key] != nil }
        trouble = nil
    }

    /// Starts its services again within the same boot.
    package mutating func restartServices() {
        managers += 1
        trouble = nil
    }

    /// The mount that holds a path.
    private func mount(of path: String) -> String {
        erased.union(kept).subtracting(unmounted).filter { path == $0 || path.hasPrefix($0 == "/" ? "/" : $0 + "/") }
            .max { $0.utf8.count < $1.utf8.count } ?? "/"
    }

    /// The mount point that would hold a path, and is not mounted.
    private func hiding(_ path: String) -> String? { unmounted.first { path.hasPrefix($0 + "/") } }

    /// What it answers to a probe; `told` says whether a reboot was handed over now.
    mutating func answer(_ probe: ScriptedScript.Probe, at time: Duration, date: Date) -> (answer: Answer, isTold: Bool)
    {
        let before = marks.count
        let own = ownAnswer(probe, at: time, date: date)
        return (answers[probe.name] ?? own, marks.count > before)
    }

    private mutating func ownAnswer(_ probe: ScriptedScript.Probe, at time: Duration, date: Date) -> Answer {
        switch probe.name {
        case "boot-id": Answer("\(boot)\n")
        case "machine-id": Answer("\(machineID)\n")
        case "serial": Answer()
        case "kernel": Answer("6.12.0-scripted\n")
        case "os-release": Answer("PRETTY_NAME=\"Scripted Linux\"\n")
        case "clock": Answer("\(Int64(date.timeIntervalSince1970)).000000000\n")
        case "uptime": Answer("\((time - bootedAt).components.seconds).00 0.00\n")
        case "mounts": Answer(mountInfo)
        case "system-state": Answer(systemState ?? (failedUnits.isEmpty ? "running\n" : "degraded\n"))
        case "failed-units": Answer("systemd\n" + failedUnits.map { "\($0) loaded failed failed\n" }.joined())
        case "root-identity": Answer("ext4 born=\(roots + 1)\(blank.map { " blank=\($0)" } ?? "")\n")
        case let name where name.hasPrefix("erased-") && name != "erased-places": placeAnswer(probe)
        case "erased-places":
            Answer(
                probe.arguments.enumerated().map { "\($0) \(holdsOlder.contains($1) ? "older" : "newer")\n" }.joined())
        case "storage":
            Answer(
                String(
                    repeating: "4096 1000000 500000 100000 90000\n",
                    // Its words before the mounts: options and a format.
                    count: max(0, (probe.lines(beginning: "stat").first?.count ?? 0) - 4)))
        case "declared", "managed", "erase-guard", "settle", "jobs", "busy": Answer()
        case "drift": Answer((["#view bare"] + drift + ["#end"]).map { $0 + "\0" }.joined())
        case "boot": bootAnswer(probe)
        case "reboot": rebootAnswer(probe)
        case "withdraw": withdrawAnswer(probe)
        case "lease", "lease-release": leaseAnswer(probe)
        case "plant": plantAnswer(probe)
        case "canaries": canaryAnswer(probe)
        case "safety-copy": Answer("copied \(probe.word(after: "name=") ?? "") 1024\n")
        case let name where ["drain", "health", "undrain"].contains { name.hasPrefix($0 + "-") }: Answer()
        default: Answer(error: "no such question is scripted: \(probe.name)\n", status: 127)
        }
    }

    private var mountInfo: String {
        let points = ["/"] + erased.union(kept).union(["/run"]).subtracting(["/"]).subtracting(unmounted).sorted()
        return points.enumerated().map { index, point in
            let system = point == "/run" ? "tmpfs" : "ext4"
            let device = devices[point] ?? "\(system) /dev/\(index)"
            return "\(20 + index) 1 0:\(20 + index) / \(point) rw - \(device) rw\n"
        }.joined()
    }

    private func placeAnswer(_ probe: ScriptedScript.Probe) -> Answer {
        guard let place = probe.word(after: "place="), erased.contains(place), !unmounted.contains(place) else {
            return Answer("\n")
        }
        return Answer("ext4 born=\(renewed.contains(place) ? roots + 1 : 1)\n")
    }

    private func mark(_ probe: ScriptedScript.Probe) -> String? {
        probe.word(after: "/run/ebb/reboot-")?.split(separator: "/").first.map(String.init)
    }

    private func bootAnswer(_ probe: ScriptedScript.Probe) -> Answer {
        guard let manager = mark(probe).flatMap({ marks[$0] }) else { return Answer("\(boot)\n") }
        return Answer("\(boot)\n" + (manager == managers ? "" : "restarted\n"))
    }

    private mutating func rebootAnswer(_ probe: ScriptedScript.Probe) -> Answer {
        guard probe.shell.contains(boot.text) else { return Answer("other-boot\n") }
        if let inhibitor { return Answer("refused blocked by: \(inhibitor)\n") }
        guard let mark = mark(probe) else { return Answer(error: "no mark\n", status: 1) }
        guard marks[mark] == nil, !withdrawn.contains(mark) else { return Answer("already-sent\n") }
        marks[mark] = managers
        return Answer("accepted\n")
    }

    private mutating func withdrawAnswer(_ probe: ScriptedScript.Probe) -> Answer {
        guard probe.shell.contains(boot.text) else { return Answer("other-boot\n") }
        guard let mark = mark(probe) else { return Answer(error: "no mark\n", status: 1) }
        if marks[mark] != nil { return Answer("already-sent\n") }
        withdrawn.insert(mark)
        return Answer("withdrawn\n")
    }

    private mutating func leaseAnswer(_ probe: ScriptedScript.Probe) -> Answer {
        let owner = probe.word(after: "owner=") ?? ""
        if probe.shell.contains("ln ") {
            if let lease, !lease.isEmpty, lease == probe.word(after: "replaced=") { self.lease = nil }
            lease = lease ?? owner
            return Answer("\(lease ?? "")\n")
        }
        if lease == owner { lease = nil }
        return Answer()
    }

    private mutating func plantAnswer(_ probe: ScriptedScript.Probe) -> Answer {
        var answer = Answer()
        guard lease == probe.word(after: "owner=") else {
            return Answer(error: "the lease is held by \(lease ?? "nobody")\n", status: 1)
        }
        let words = probe.arguments
        for (number, start) in stride(from: 0, to: words.count - 3, by: 4).enumerated() {
            if words[start] == "positive", !kept.contains(words[start + 1]) {
                answer.error += "\(words[start + 1]) is not a mount point\n"
                answer.status = 1
            } else {
                files[words[start + 2]] = words[start + 3]
                lastInode += 1
                inodes[words[start + 2]] = lastInode
                answer.output += "\(number) ok \(mark(of: words[start + 2]))\n"
            }
        }
        return answer
    }

    /// The other controllers that have left a token beside this one.
    private func foreign(_ path: String) -> [Substring] {
        guard let dot = path.lastIndex(of: "."), path[dot...].count == 17 else { return [] }
        return files.keys.filter { $0 != path && $0.hasPrefix(path[...dot]) && $0.count == path.count }.map {
            $0.suffix(16)
        }
    }

    private func canaryAnswer(_ probe: ScriptedScript.Probe) -> Answer {
        Answer(
            probe.arguments.enumerated().map { number, path in
                let mount = mount(of: path)
                guard hiding(path) == nil, let token = files[path] else { return "\(number) absent \(mount)\n" }
                return "\(number) present \(mark(of: path)) \(token) \(mount)\n"
            }.joined() + probe.arguments.flatMap(foreign).map { "foreign \($0)\n" }.joined())
    }

    /// Inode, birth and last change of a file.
    private func mark(of path: Path) -> String {
        let inode = inodes[path] ?? 1
        return "\(inode) \(1_790_000_000 + inode) \(1_790_000_000 + inode)"
    }
}
