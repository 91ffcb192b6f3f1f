import EbbDashboard
import EbbModel
import FoundationEssentials
import Testing

struct SampleSiteTests {
    /// Lets a person, and `lab/pages`, open the sample fleet: set EBB_SAMPLE_SITE to a directory.
    static let directory = ProcessInfo.processInfo.environment["EBB_SAMPLE_SITE"]

    @Test func `the sample fleet is one that ebb-dashboard can serve`() async throws {
        let fleet = try await SampleFleet(path: Self.directory.map { $0 + "/ebb.sqlite" })
        let bytes = try JSONEncoder().encode(fleet.hosts)
        #expect(try JSONDecoder().decode([HostSettings].self, from: bytes) == fleet.hosts)
        if let directory = Self.directory { try bytes.write(to: URL(filePath: directory + "/fleet.json")) }
    }
}
