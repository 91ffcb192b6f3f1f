import EbbModel
import FoundationEssentials

/// Whether the services are up and well: what a boot must still be at the end of its soak.
package struct ServiceState: Sendable {
    /// State of systemd; `nil`: not known.
    package let state: String?
    /// Names of failed units; `nil`: not known.
    package let failed: [String]?
    /// A unit whose job is not done.
    package let job: String?

    /// The questions.
    package static var probes: [ProbeScript.Probe] {
        [
            .init(name: "system-state", shell: HostScript(PackageResources.system_state_sh)),
            .init(name: "failed-units", shell: HostScript(PackageResources.failed_units_sh)),
            .init(name: "jobs", shell: HostScript(PackageResources.jobs_sh)),
        ]
    }

    /// Reads the answers.
    package init(_ report: ProbeReport) {
        func answer(_ name: String) -> FactAnswer { FactAnswer(name: name, report: report) }
        state = (try? answer("system-state").word()) ?? nil
        failed = (try? answer("failed-units").text()).flatMap(FactReader.failedUnits)
        let jobs = (try? answer("jobs").text()) ?? ""
        job = jobs.split(separator: "\n").first.flatMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
    }
}

/// Asks a host for its facts, and reads its answers.
struct FactReader {
    private(set) var facts = HostFacts()
    private(set) var gaps: [ProbeGap] = []
    /// Seconds that a clock may show, up to the year 9999: anything else would end whoever counts with it.
    private static let times = 0..<253_402_300_800.0
    /// The name of the question for the mounts.
    static let mounts = "mounts"

    /// The questions for one host.
    static func probes(for settings: HostSettings) -> [ProbeScript.Probe] { questions(for: settings).map(\.probe) }

    /// Reads what the report holds; every answer that is missing or odd becomes a gap.
    init(_ report: ProbeReport, settings: HostSettings) {
        for question in Self.questions(for: settings) {
            do throws(ProbeGap) {
                try question.read(FactAnswer(name: question.probe.name, report: report), &facts)
            } catch { gaps.append(error) }
        }
    }

    private static func questions(for settings: HostSettings) -> [FactQuestion] {
        let mounts = settings.persist.map(\.mount)
        let blank: KeyValuePairs = ["blank": settings.root?.blank ?? ""]
        let places = (settings.root?.erases ?? []).enumerated().map { index, place in
            FactQuestion("erased-\(index)", HostScript(PackageResources.root_identity_sh, values: ["place": place])) {
                (answer, facts) throws(ProbeGap) in
                // Nothing is mounted there: that is an answer, and no mark.
                if let mark = try answer.word() {
                    facts.erasedPlaces = (facts.erasedPlaces ?? [:]).merging([place: mark]) { $1 }
                }
            }
        }
        return [
            FactQuestion("boot-id", RemoteCommand("cat", "/proc/sys/kernel/random/boot_id")) {
                (answer, facts) throws(ProbeGap) in
                guard let value = BootID(try answer.line()) else { throw answer.odd("not a boot id") }
                facts.bootID = value
            },
            FactQuestion("machine-id", HostScript(PackageResources.machine_id_sh)) { (answer, facts) throws(ProbeGap) in
                facts.machineID = try machineID(answer)
            },
            FactQuestion("serial", HostScript(PackageResources.serial_sh)) { (answer, facts) throws(ProbeGap) in
                let lines = try answer.text().split(separator: "\n")
                facts.serial = lines.lazy.compactMap { MachineMarks.serial(PrintableText.line(String($0))) }.first
            },
            FactQuestion("kernel", RemoteCommand("uname", "-r")) { (answer, facts) throws(ProbeGap) in
                facts.kernel = try answer.line()
            },
            FactQuestion("os-release", HostScript(PackageResources.os_release_sh)) { (answer, facts) throws(ProbeGap) in
                facts.system = prettyName(try answer.text())
            },
            FactQuestion("clock", RemoteCommand("date", "+%s.%N")) { (answer, facts) throws(ProbeGap) in
                facts.clock = try clock(answer)
            },
            FactQuestion("uptime", RemoteCommand("cat", "/proc/uptime")) { (answer, facts) throws(ProbeGap) in
                let words = try answer.line().split(separator: " ")
                guard let seconds = words.first.flatMap({ Double($0) }), times.contains(seconds) else {
                    throw answer.odd("not a number of seconds")
                }
                facts.uptime = seconds
            },
            FactQuestion(Self.mounts, RemoteCommand("cat", "/proc/self/mountinfo")) {
                (answer, facts) throws(ProbeGap) in
                guard let table = MountTable(mountinfo: try answer.bytes()), !table.mounts.isEmpty else {
                    throw answer.odd("not a mount table")
                }
                facts.mounts = table.mounts
            },
            FactQuestion("system-state", HostScript(PackageResources.system_state_sh)) {
                (answer, facts) throws(ProbeGap) in facts.systemState = try answer.word()
            },
            FactQuestion("failed-units", HostScript(PackageResources.failed_units_sh)) {
                (answer, facts) throws(ProbeGap) in facts.failedUnits = failedUnits(try answer.text())
            },
            FactQuestion("root-identity", HostScript(PackageResources.root_identity_sh, values: blank)) {
                (answer, facts) throws(ProbeGap) in
                facts.rootIdentity = try answer.word()
                facts.blank = self.blank(rootIdentity: facts.rootIdentity)
            },
            FactQuestion("busy", HostScript(PackageResources.busy_sh)) { (answer, facts) throws(ProbeGap) in
                let lines = Set(try answer.text().split(separator: "\n").map { PrintableText.line(String($0)) })
                facts.busy = lines.sorted()
            },
            // Block size, blocks, free blocks for users, inodes, free inodes: one line per mount.
            FactQuestion(
                "storage",
                mounts.isEmpty
                    ? RemoteCommand("true")
                    : RemoteCommand("stat", arguments: ["-f", "-c", "%S %b %a %c %d", "--"] + mounts)
            ) { (answer, facts) throws(ProbeGap) in facts.storage = try storage(answer, of: mounts) },
        ] + places + safetyQuestions(for: settings)
    }

    /// Absent and `uninitialized` are states of a host that has no identity yet.
    private static func machineID(_ answer: FactAnswer) throws(ProbeGap) -> String? {
        let line = try answer.line()
        if line.isEmpty || line == "uninitialized" { return nil }
        guard line.utf8.count == 32, line.allSatisfy(\.isHexDigit) else { throw answer.odd("not a machine id") }
        return line
    }

    /// `seconds.nanoseconds`; BusyBox may leave the second part as it stands in the format.
    private static func clock(_ answer: FactAnswer) throws(ProbeGap) -> Date {
        let parts = try answer.line().split(separator: ".", omittingEmptySubsequences: false)
        guard let seconds = parts.first.flatMap({ Double($0) }), times.contains(seconds) else {
            throw answer.odd("not a time")
        }
        let fraction = parts.count > 1 ? Double("0." + parts[1]) ?? 0 : 0
        return Date(timeIntervalSince1970: seconds + fraction)
    }

    /// The first line says that systemd was asked; without it nothing is known.
    fileprivate static func failedUnits(_ text: String) -> [String]? {
        let lines = text.split(separator: "\n")
        guard lines.first == "systemd" else { return nil }
        return lines.dropFirst().compactMap { line in
            line.split(separator: " ").first { $0 != "●" && $0 != "*" }.map(String.init)
        }
    }

    private static func storage(_ answer: FactAnswer, of mounts: [String]) throws(ProbeGap) -> [StorageUse] {
        let lines = try answer.text().split(separator: "\n")
        guard lines.count == mounts.count else { throw answer.odd("not one line per mount") }
        var uses: [StorageUse] = []
        for (line, mount) in zip(lines, mounts) {
            let numbers = line.split(separator: " ").compactMap { Int64($0) }
            guard numbers.count == 5, numbers.allSatisfy({ $0 >= 0 }) else {
                throw answer.odd("not five numbers for \(mount)")
            }
            // btrfs and ZFS have no fixed number of inodes and say 0.
            uses.append(
                StorageUse(
                    mount: mount, totalBytes: numbers[0].multipliedClamped(by: numbers[1]),
                    availableBytes: numbers[0].multipliedClamped(by: numbers[2]),
                    totalInodes: numbers[3] == 0 ? nil : numbers[3], freeInodes: numbers[3] == 0 ? nil : numbers[4]))
        }
        return uses
    }

    /// The value of `PRETTY_NAME` in `os-release`, unquoted; `nil` when there is none.
    private static func prettyName(_ text: String) -> String? {
        let key = "PRETTY_NAME="
        return text.split(separator: "\n").first { $0.hasPrefix(key) }.map { unquoted($0.dropFirst(key.count)) }
    }

    /// Undoes shell quoting, as far as the format allows it: one quoted or one bare word.
    private static func unquoted(_ value: Substring) -> String {
        var output = ""
        var quote: Character?
        var isEscaped = false
        for character in value {
            if isEscaped {
                output.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else if character == quote {
                quote = nil
            } else {
                output.append(character)
            }
        }
        return output
    }
}

/// One of the questions behind `HostFacts`, and the reading of its answer.
struct FactQuestion {
    let probe: ProbeScript.Probe
    /// Puts the answer in its place; throws where it is missing or odd.
    let read: (FactAnswer, inout HostFacts) throws(ProbeGap) -> Void

    init(
        _ name: String, _ shell: HostScript, limit: Int = 60,
        _ read: @escaping (FactAnswer, inout HostFacts) throws(ProbeGap) -> Void
    ) { (probe, self.read) = (ProbeScript.Probe(name: name, shell: shell, limit: limit), read) }

    init(
        _ name: String, _ command: RemoteCommand,
        _ read: @escaping (FactAnswer, inout HostFacts) throws(ProbeGap) -> Void
    ) { (probe, self.read) = (ProbeScript.Probe(name: name, command: command), read) }
}

/// The answer to one question.
struct FactAnswer {
    let name: String
    let report: ProbeReport

    func bytes() throws(ProbeGap) -> [UInt8] { try report.output(of: name) }
    func text() throws(ProbeGap) -> String { String(decoding: try bytes(), as: UTF8.self) }
    func line() throws(ProbeGap) -> String { try report.line(of: name) }

    /// The line; `nil` where it is empty.
    func word() throws(ProbeGap) -> String? {
        let line = try line()
        return line.isEmpty ? nil : line
    }

    /// An answer that cannot be read.
    func odd(_ message: String) -> ProbeGap { ProbeGap(probe: name, reason: .unparseable, message: message) }
}

extension Int64 {
    /// The product, or the largest number where the host's figures make no sense.
    fileprivate func multipliedClamped(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
