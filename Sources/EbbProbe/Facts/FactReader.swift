package import EbbModel
import FoundationEssentials

/// Reads the answers to `FactProbes`.
package struct FactReader: Sendable {
    package private(set) var facts = HostFacts()
    package private(set) var gaps: [ProbeGap] = []

    /// Reads what the report holds; every answer that is missing or odd becomes a gap.
    package init(_ report: ProbeReport, settings: HostSettings) {
        record(FactProbes.bootID) { name, facts throws(ProbeGap) in
            guard let value = BootID(try report.line(of: name)) else { throw Self.odd(name, "not a boot id") }
            facts.bootID = value
        }
        record(FactProbes.machineID) { name, facts throws(ProbeGap) in
            facts.machineID = try Self.machineID(report.line(of: name), name)
        }
        record(FactProbes.kernel) { name, facts throws(ProbeGap) in facts.kernel = try report.line(of: name) }
        record(FactProbes.system) { name, facts throws(ProbeGap) in
            facts.system = OSRelease.prettyName(try report.output(of: name))
        }
        record(FactProbes.clock) { name, facts throws(ProbeGap) in
            facts.clock = try Self.clock(report.line(of: name), name)
        }
        record(FactProbes.uptime) { name, facts throws(ProbeGap) in
            let words = try report.line(of: name).split(separator: " ")
            guard let seconds = words.first.flatMap({ Double($0) }), (0..<253_402_300_800).contains(seconds) else {
                throw Self.odd(name, "not a number of seconds")
            }
            facts.uptime = seconds
        }
        record(FactProbes.mounts) { name, facts throws(ProbeGap) in
            let bytes = try report.output(of: name)
            guard let table = MountTable(mountinfo: bytes), !table.mounts.isEmpty else {
                throw Self.odd(name, "not a mount table")
            }
            facts.mounts = table.mounts
        }
        record(FactProbes.systemState) { name, facts throws(ProbeGap) in
            let state = try report.line(of: name)
            facts.systemState = state.isEmpty ? nil : state
        }
        record(FactProbes.failedUnits) { name, facts throws(ProbeGap) in
            facts.failedUnits = Self.failedUnits(try report.output(of: name))
        }
        record(FactProbes.rootIdentity) { name, facts throws(ProbeGap) in
            let identity = try report.line(of: name)
            facts.rootIdentity = identity.isEmpty ? nil : identity
            facts.blank = SafetyReader.blank(rootIdentity: facts.rootIdentity)
        }
        record(FactProbes.storage) { name, facts throws(ProbeGap) in
            let text = String(decoding: try report.output(of: name), as: UTF8.self)
            facts.storage = try Self.storage(text, of: settings.persist.map(\.mount), name)
        }
        recordSafety(report, settings: settings)
    }

    /// Reads what the report says of `FactProbes.services`: the state of systemd, failed units, and a unit
    /// whose job is not done; `nil`: not answered, or not systemd.
    package static func services(_ report: ProbeReport) -> (state: String?, failed: [String]?, job: String?) {
        let state = try? report.line(of: FactProbes.systemState)
        let failed = (try? report.output(of: FactProbes.failedUnits)).flatMap(failedUnits)
        let jobs = String(decoding: (try? report.output(of: FactProbes.jobs)) ?? [], as: UTF8.self)
        let job = jobs.split(separator: "\n").first.flatMap { line in
            line.split(separator: " ").dropFirst().first.map(String.init)
        }
        return (state.flatMap { $0.isEmpty ? nil : $0 }, failed, job)
    }

    private mutating func recordSafety(_ report: ProbeReport, settings: HostSettings) {
        let asked = Set(SafetyProbes.all(for: settings).map(\.name))
        if asked.contains(FactProbes.safeSnapshots) {
            record(FactProbes.safeSnapshots) { name, facts throws(ProbeGap) in
                guard let found = SafetyReader.snapshots(try report.output(of: name)) else {
                    throw Self.odd(name, "not a list of snapshots")
                }
                let known = Set(found.map(\.name))
                // One that could not be asked leaves the whole unknown: it may be the oldest.
                if known.isSuperset(of: SafetyProbes.safeDatasets(of: settings)) { facts.safeSnapshots = found }
            }
        }
        if asked.contains(FactProbes.eraseGuard) {
            record(FactProbes.eraseGuard) { name, facts throws(ProbeGap) in
                facts.eraseGuard = SafetyReader.eraseGuard(
                    try report.output(of: name), root: MountTable(facts.mounts).root)
            }
        }
    }

    private mutating func record(_ name: String, _ read: (String, inout HostFacts) throws(ProbeGap) -> Void) {
        do throws(ProbeGap) { try read(name, &facts) } catch { gaps.append(error) }
    }

    private static func odd(_ name: String, _ message: String) -> ProbeGap {
        ProbeGap(probe: name, reason: .unparseable, message: message)
    }

    /// Absent and `uninitialized` are states of a host that has no identity yet.
    private static func machineID(_ line: String, _ name: String) throws(ProbeGap) -> String? {
        if line.isEmpty || line == "uninitialized" { return nil }
        guard line.utf8.count == 32, line.allSatisfy(\.isHexDigit) else { throw odd(name, "not a machine id") }
        return line
    }

    /// `seconds.nanoseconds`; BusyBox may leave the second part as it stands in the format.
    private static func clock(_ line: String, _ name: String) throws(ProbeGap) -> Date {
        let parts = line.split(separator: ".", omittingEmptySubsequences: false)
        // Years up to 9999; anything else would end whoever turns it into a number.
        guard let seconds = parts.first.flatMap({ Double($0) }), (0..<253_402_300_800).contains(seconds) else {
            throw odd(name, "not a time")
        }
        let fraction = parts.count > 1 ? Double("0." + parts[1]) ?? 0 : 0
        return Date(timeIntervalSince1970: seconds + fraction)
    }

    /// The first line says that systemd was asked; without it nothing is known.
    private static func failedUnits(_ bytes: [UInt8]) -> [String]? {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.first == "systemd" else { return nil }
        return lines.dropFirst().compactMap { line in
            line.split(separator: " ").first { $0 != "●" && $0 != "*" }.map(String.init)
        }
    }

    private static func storage(_ text: String, of mounts: [String], _ name: String) throws(ProbeGap) -> [StorageUse] {
        let lines = text.split(separator: "\n")
        guard lines.count == mounts.count else { throw odd(name, "not one line per mount") }
        var uses: [StorageUse] = []
        for (line, mount) in zip(lines, mounts) {
            let numbers = line.split(separator: " ").compactMap { Int64($0) }
            guard numbers.count == 5, numbers.allSatisfy({ $0 >= 0 }) else {
                throw odd(name, "not five numbers for \(mount)")
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
}

extension Int64 {
    /// The product, or the largest number where the host's figures make no sense.
    fileprivate func multipliedClamped(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
