import EbbClassifier
import EbbModel
import Testing

@Suite struct ProposalTests {
    static func entry(
        _ path: String, _ kind: FileKind = .file, _ change: PathChange.Kind = .added,
        _ stateClass: StateClass = .unknown
    ) -> DriftEntry {
        DriftEntry(
            change: PathChange(path: BytePath(path), change: change, kind: kind, size: 10), verdict: .unexplained,
            stateClass: stateClass, reason: "because")
    }

    @Test func `what the catalogue knows is proposed as it should be kept`() throws {
        let proposals = try Proposal.all(for: [
            Self.entry("/var/lib/postgresql/15", .directory, .added, .precious),
            Self.entry("/var/lib/postgresql/15/base", .file, .added, .precious),
        ])
        let proposal = try #require(proposals.first)
        #expect(proposals.count == 1)
        #expect(proposal.path == BytePath("/var/lib/postgresql"))
        #expect(proposal.action == .keep(.bind) || proposal.action == .keep(.dataset))
        #expect(proposal.covers == 2 && proposal.stateClass == .precious)
    }

    @Test func `a cache is proposed to be accepted, a database with its directory`() throws {
        let proposals = try Proposal.all(for: [
            Self.entry("/data/app/app.db"), Self.entry("/data/app/app.db-wal"),
            Self.entry("/var/cache/thing", .directory, .added, .cache),
        ])
        let actions = Dictionary(uniqueKeysWithValues: proposals.map { ($0.path.printable, $0.action) })
        #expect(actions["/data/app"] == .keep(.bind))
        #expect(actions["/var/cache"] == .accept)
        #expect(proposals.first { $0.path == BytePath("/data/app") }?.covers == 2)
    }

    @Test func `nothing is proposed for what is gone or was changed in the blank's own files`() throws {
        #expect(
            try Proposal.all(for: [Self.entry("/data/x", .file, .removed), Self.entry("/data/y", .file, .modified)])
                .isEmpty)
    }
}
