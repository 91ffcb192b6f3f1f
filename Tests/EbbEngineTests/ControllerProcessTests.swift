import EbbEngine
import EbbModel
import EbbStore
import FoundationEssentials
import Testing

struct ControllerProcessTests {
    private let own = ControllerProcess.current()

    private func identity(
        hostname: String? = nil, pid: Int32? = nil, boot: BootID?? = nil, ticks: Int64?? = nil,
        namespace: String?? = nil, startedAt: Date? = nil
    ) -> ControllerIdentity {
        ControllerIdentity(
            hostname: hostname ?? own.hostname, pid: pid ?? own.pid, startedAt: startedAt ?? own.startedAt,
            bootID: boot ?? own.bootID, startTicks: ticks ?? own.startTicks, pidNamespace: namespace ?? own.pidNamespace
        )
    }

    @Test func `a process lives as long as its number and its ticks do, whatever clocks say`() throws {
        let other = try #require(BootID("11111111-2222-4333-8444-000000000001"))
        let ticks = try #require(own.startTicks)
        #expect(own.pidNamespace?.hasPrefix("pid:") == true)
        let rows: [(ControllerIdentity, Bool?, String)] = [
            (own, true, "this process"),
            (identity(startedAt: Date(timeIntervalSince1970: 0)), true, "the clock was set"),
            (identity(ticks: ticks + 1), false, "its number was used again"),
            (identity(pid: 0x3FFF_FFFF), false, "no such process"),
            (identity(boot: other), false, "this machine has booted since"),
            (identity(hostname: "elsewhere", boot: other), nil, "another machine"),
            (identity(boot: .some(nil)), nil, "its boot is not known"),
            (identity(namespace: "pid:[1]"), nil, "a container on this machine"),
            // As older versions wrote them: what cannot be told apart lives.
            (identity(ticks: .some(nil), namespace: .some(nil)), true, "no ticks"),
            (
                identity(hostname: "elsewhere", ticks: .some(nil), namespace: .some(nil)), nil,
                "another name, the same boot"
            ),
            (
                identity(pid: 0x3FFF_FFFF, ticks: .some(nil), namespace: .some(nil)), false,
                "no ticks, and no such process"
            ),
        ]
        for (controller, expected, name) in rows {
            #expect(ControllerProcess.isRunning(controller) == expected, "\(name)")
        }
    }
}
