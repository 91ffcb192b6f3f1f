import EbbModel
import EbbTestSupport
import Foundation
import Testing

extension RealHosts {
    /// What stands between a host and its next erase is seen before a boot is ordered.
    @Suite struct BlankTests {
        @Test func `a blank made anew, or gone, keeps its host from being rebooted`() async throws {
            try await Lab.fresh { lab in
                try lab.changeInventory(
                    "host_vars/builder1.yml", "root:",
                    """
                    datasets: [{name: builder1/root, backup: false, blank: builder1/blank}]
                      root:
                    """)
                let recorded = try await lab.ebb("datasets", "apply", "builder1")
                #expect(recorded.status == 0, "\(recorded.output)\(recorded.error)")
                let booted = try await lab.bootCounts()["builder1"]

                for (spoil, mend, words) in [
                    ("mv blank gone", "mv gone blank", "is gone"),
                    (
                        "mv blank old && btrfs subvolume snapshot -r old blank",
                        "btrfs subvolume delete blank && mv old blank", "made it anew"
                    ),
                ] {
                    try await lab.ssh("builder1", "cd /btrfs-top/builder1 && \(spoil)")
                    let run = try await lab.json(RolloutDocument.self, "reboot", "run", "builder1", "--yes")
                    let host = try #require(run.document.host("builder1"))
                    #expect(host.state == "skipped", "\(host.message)")
                    #expect(host.reason == "blank-unfit", "\(host.message)")
                    #expect(host.message.contains(words), "\(host.message)")
                    #expect(run.ended.status == 3, "\(run.ended.output)")
                    try await lab.ssh("builder1", "cd /btrfs-top/builder1 && \(mend)")
                }
                #expect(try await lab.bootCounts()["builder1"] == booted)

                let run = try await lab.json(RolloutDocument.self, "reboot", "run", "builder1", "--yes")
                let host = try #require(run.document.host("builder1"))
                #expect(host.state == "proven", "\(host.message)")
            }
        }
    }
}
