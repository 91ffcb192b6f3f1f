package import EbbModel
package import FoundationEssentials

/// The process that runs a rollout, so that another one can tell whether it still lives.
package struct ControllerIdentity: Sendable, Hashable, Codable {
    /// The controller's host name.
    package let hostname: String
    package let pid: Int32
    /// When the process started: a process number alone is used again.
    package let startedAt: Date
    /// The controller's own boot, where it can be read.
    package let bootID: BootID?

    package init(hostname: String, pid: Int32, startedAt: Date, bootID: BootID?) {
        self.hostname = hostname
        self.pid = pid
        self.startedAt = startedAt
        self.bootID = bootID
    }
}
