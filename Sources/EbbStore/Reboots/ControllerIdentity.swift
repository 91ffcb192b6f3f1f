package import EbbModel
package import FoundationEssentials

/// The process that runs a rollout, so that another one can tell whether it still lives.
package struct ControllerIdentity: Sendable, Hashable, Codable {
    /// The controller's host name.
    package let hostname: String
    package let pid: Int32
    /// When the process said so first; for people, because clocks are set.
    package let startedAt: Date
    /// The controller's own boot, where it can be read.
    package let bootID: BootID?
    /// Clock ticks from the start of the kernel to that of the process.
    ///
    /// A process number alone is used again. `nil`: an older Ebb wrote this, or they could not be read.
    package let startTicks: Int64?
    /// The namespace in which the process number counts, where it can be read.
    package let pidNamespace: String?

    package init(
        hostname: String, pid: Int32, startedAt: Date, bootID: BootID?, startTicks: Int64? = nil,
        pidNamespace: String? = nil
    ) {
        (self.hostname, self.pid, self.startedAt, self.bootID) = (hostname, pid, startedAt, bootID)
        (self.startTicks, self.pidNamespace) = (startTicks, pidNamespace)
    }
}
