import EbbModel
package import EbbPlan
package import EbbStore
import FoundationEssentials
import Glibc

/// This process and machine, as rollouts record them, and whether another one still runs.
package enum ControllerProcess {
    /// Who runs a rollout that this process starts.
    package static func current() -> ControllerIdentity {
        let pid = getpid()
        return ControllerIdentity(
            hostname: hostname(), pid: pid, startedAt: startTime(of: pid) ?? Date(),
            bootID: bootID())
    }

    /// The machine, for the rule that nobody reboots the machine he sits on.
    package static func machine() -> PreflightGate.Controller {
        let text = file("/etc/machine-id")?.split(separator: "\n").first.map(String.init)
        return PreflightGate.Controller(bootID: bootID(), machineID: text)
    }

    /// Whether the process that runs a rollout is still there; `nil` when that cannot be known,
    /// because it runs on another machine.
    package static func isRunning(_ controller: ControllerIdentity) -> Bool? {
        guard controller.hostname == hostname(), let boot = bootID() else { return nil }
        guard controller.bootID == boot else { return false }
        guard let start = startTime(of: controller.pid) else { return false }
        return abs(start.timeIntervalSince(controller.startedAt)) < 2
    }

    private static func bootID() -> BootID? {
        file("/proc/sys/kernel/random/boot_id").flatMap { BootID($0) }
    }

    private static func hostname() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// When a process started: field 22 of `/proc/PID/stat`, in clock ticks after the boot.
    private static func startTime(of pid: Int32) -> Date? {
        guard let stat = file("/proc/\(pid)/stat"), let close = stat.lastIndex(of: ")"),
            let boot = file("/proc/stat")?.split(separator: "\n")
                .first(where: { $0.hasPrefix("btime ") }),
            let btime = Double(boot.dropFirst(6))
        else { return nil }
        let fields = stat[close...].split(separator: " ")
        // A zombie runs no more: it only waits for somebody to ask how it ended.
        guard fields.count > 20, fields[1] != "Z", fields[1] != "X", let ticks = Double(fields[20])
        else { return nil }
        return Date(timeIntervalSince1970: btime + ticks / Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    private static func file(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
