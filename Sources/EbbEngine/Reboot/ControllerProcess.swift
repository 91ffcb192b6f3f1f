import EbbModel
package import EbbPlan
package import EbbStore
import FoundationEssentials
import Glibc

/// This process and machine, as rollouts record them, and whether another one still runs.
package enum ControllerProcess {
    /// Who runs a rollout that this process starts; always the same value.
    package static func current() -> ControllerIdentity { identity }

    private static let identity = {
        let pid = getpid()
        return ControllerIdentity(
            hostname: hostname(), pid: pid, startedAt: Date(), bootID: bootID(), startTicks: state(of: pid)?.startTicks,
            pidNamespace: pidNamespace())
    }()

    /// The machine, for the rule that nobody reboots the machine they sit on.
    package static func machine() -> PreflightGate.Controller {
        let text = file("/etc/machine-id")?.split(separator: "\n").first.map(String.init)
        return PreflightGate.Controller(bootID: bootID(), machineID: text)
    }

    /// Whether the process that runs a rollout is still there; `nil` when that cannot be known.
    ///
    /// No clock is asked: a process is its number together with the clock ticks between the start of
    /// the kernel and its own, in one boot and one namespace of process numbers. A row without
    /// ticks, written by an older Ebb, lives as long as any process has its number.
    package static func isRunning(_ controller: ControllerIdentity) -> Bool? {
        guard let boot = bootID(), let recorded = controller.bootID else { return nil }
        let isSameHost = controller.hostname == hostname()
        // Another boot of this machine ended it; of another machine nothing is known.
        guard recorded == boot else { return isSameHost ? false : nil }
        let isSameNamespace = controller.pidNamespace.map { $0 == pidNamespace() } ?? isSameHost
        guard isSameNamespace else { return nil }
        // Also answers where /proc hides the processes of others.
        guard kill(controller.pid, 0) == 0 || errno == EPERM else { return false }
        guard let state = state(of: controller.pid) else { return nil }
        if state.hasEnded { return false }
        return controller.startTicks.map { $0 == state.startTicks } ?? true
    }

    private static func bootID() -> BootID? { file("/proc/sys/kernel/random/boot_id").flatMap { BootID($0) } }

    private static func hostname() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Where the process numbers that this process sees are counted, such as `pid:[4026531836]`.
    private static func pidNamespace() -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    }

    /// What `/proc/PID/stat` says of a process: fields 3 and 22.
    private static func state(of pid: Int32) -> (hasEnded: Bool, startTicks: Int64)? {
        guard let stat = file("/proc/\(pid)/stat"), let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[close...].split(separator: " ")
        guard fields.count > 20, let ticks = Int64(fields[20]) else { return nil }
        // A zombie runs no more: it only waits for somebody to ask how it ended.
        return (["Z", "X"].contains(fields[1]), ticks)
    }

    private static func file(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
