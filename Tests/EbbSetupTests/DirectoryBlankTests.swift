import EbbModel
import EbbSetup
import EbbTestSupport
import Foundation
import Testing

@Suite struct DirectoryBlankTests {
    private static func state(_ first: String, devices: String = "1 2", needed: Int = 600_000, free: Int = 900_000)
        throws -> DirectoryBlank
    {
        let text = "\(first)\ndevices \(devices)\nneeded \(needed)\nfree \(free)\n"
        return try DirectoryBlank(parsing: Array(text.utf8))
    }

    @Test func `a blank is copied once, to where a boot does not erase it and it fits`() throws {
        let plan = try Self.state("absent").plan("/persist/blank", recorded: nil)
        #expect(plan.items.map(\.decision) == [.snapshot])
        #expect(plan.commands.map(\.arguments.last) == ["/persist/blank"])
        let onRoot = try Self.state("absent", devices: "1 1").plan("/blank", recorded: nil)
        #expect(onRoot.items.map(\.decision) == [.refused("it would lie on the root, which a boot erases")])
        let full = try Self.state("absent", free: 650_000).plan("/persist/blank", recorded: nil)
        #expect(full.hasRefusals && full.commands.isEmpty)
    }

    @Test func `a blank that is gone or made anew keeps the host from being erased`() throws {
        let recorded = BlankIdentity(guid: "one", createdAt: 7)
        let there = try Self.state("there\nidentity one 7")
        #expect(there.identity == recorded)
        #expect(there.plan("/persist/blank", recorded: recorded).isSettled)
        #expect(there.plan("/persist/blank", recorded: recorded).findings.isEmpty)
        for (look, code) in [
            ("there\nidentity two 9", DatasetPlan.Finding.Code.blankChanged), ("there", .blankChanged),
            ("absent", .blankMissing),
        ] {
            let plan = try Self.state(look).plan("/persist/blank", recorded: recorded)
            #expect(plan.findings.map(\.code) == [code])
            #expect(plan.commands.isEmpty)
        }
    }

    @Test func `an answer that is cut is not read`() {
        #expect(throws: (any Error).self) { try DirectoryBlank(parsing: Array("absent\n".utf8)) }
    }
}
