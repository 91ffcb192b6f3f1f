import EbbModel
import EbbProbe
import EbbTestSupport
import Foundation
import Testing

/// What Ebb says will be lost, against what an independent walker finds.
@Suite(.serialized, .blocking) struct DriftOracleTests {
    /// Path and what happens to it; a rename counts as its two halves.
    func predicted(_ changes: [PathChange]) -> [BytePath: String] {
        var lost: [BytePath: String] = [:]
        for change in changes {
            switch change.change {
            case .renamed:
                lost[change.path] = "added"
                if let old = change.renamedFrom { lost[old] = "removed" }
            case .added, .modified, .removed: lost[change.path] = change.change.rawValue
            }
        }
        return lost
    }

    func actual(_ before: [BytePath: TreeWalker.Node], _ after: [BytePath: TreeWalker.Node]) -> [BytePath: String] {
        var lost: [BytePath: String] = [:]
        for (path, node) in after where before[path] != node { lost[path] = before[path] == nil ? "added" : "modified" }
        for path in before.keys where after[path] == nil { lost[path] = "removed" }
        return lost
    }

    @Test func `nothing is missed and nothing is invented, whatever was done to the tree`() throws {
        for strategy in RealRoot.strategies {
            let seed = UInt64.random(in: 0 ... .max)
            var operations = RandomOperations(root: "", seed: seed)
            let root = try RealRoot(strategy) { blank in
                guard strategy != .tmpfs else { return }
                operations.move(to: blank)
                operations.run(500)
            }
            let before = strategy == .tmpfs ? [:] : TreeWalker.walk(root.path)
            operations.move(to: root.path)
            operations.run(2_000)
            let after = TreeWalker.walk(root.path)
            let observation = try root.observe()
            let changes = try observation.changes.all()
            let context = "\(strategy) seed \(seed)"
            #expect(observation.strategy == strategy, "\(context)")
            #expect(observation.gaps == [], "\(context)")
            var truth = actual(before, after)
            var prediction = predicted(changes)
            // A root in memory is new as a whole, itself included.
            truth[BytePath("/")] = nil
            prediction[BytePath("/")] = nil
            let missed = truth.filter { prediction[$0.key] != $0.value }
            let invented = prediction.filter { truth[$0.key] != $0.value }
            #expect(missed.isEmpty, "\(context): \(missed)")
            #expect(invented.isEmpty, "\(context): \(invented)")
            let isSorted = zip(changes, changes.dropFirst()).allSatisfy { $0.path < $1.path }
            #expect(isSorted)
            #expect(truth.count > 50, "the operations did too little to mean anything")
        }
    }
}
