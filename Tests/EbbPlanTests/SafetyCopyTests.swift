import EbbPlan
import Testing

@testable import EbbModel

@Suite struct SafetyCopyTests {
    private func entry(
        _ path: String, _ kind: FileKind = .file, size: Int64 = 1, verdict: PathVerdict = .unexplained,
        stateClass: StateClass = .unknown, change: PathChange.Kind = .added
    ) -> DriftEntry {
        DriftEntry(
            change: PathChange(path: BytePath(path), change: change, kind: kind, size: size), verdict: verdict,
            stateClass: stateClass, reason: "")
    }

    @Test func `what nobody accounted for is copied, small things first, secrets only if asked`() {
        let entries = [
            entry("/a", .directory), entry("/a/large", size: 3 << 20), entry("/a/note"),
            entry("/key", stateClass: .secret), entry("/link", .symlink), entry("/pipe", .fifo),
            entry("/gone", change: .removed), entry("/noise", verdict: .noise), entry("/leak", verdict: .leaked),
        ]
        let some = SafetyCopy(of: entries, SafetyCopySettings(limit: 1))
        #expect(some.paths.map(\.printable) == ["/a", "/a/note", "/leak", "/link"])
        #expect(some.leftOut == 2)
        #expect(some.reason != nil)
        let all = SafetyCopy(of: entries, SafetyCopySettings(limit: 9, includesSecrets: true))
        #expect(all.paths.count == 6)
        #expect(all.leftOut == 0 && all.reason == nil)
    }
}
