package import EbbModel
package import FoundationEssentials

/// Compares what was to be undone by a boot with what is there after it.
package enum BootComparer {
    /// What is known of a host before a boot.
    package struct Before: Sendable {
        /// The host's clock when it was looked at last.
        package var clock: Date?
        package var entries: [DriftEntry]
        package var contents: [BytePath: [UInt8]]
        package var declared: [DeclaredFinding]

        package init(
            clock: Date?, entries: [DriftEntry], contents: [BytePath: [UInt8]],
            declared: [DeclaredFinding]
        ) {
            self.clock = clock
            self.entries = entries
            self.contents = contents
            self.declared = declared
        }
    }

    /// How many paths a comparison names at most, and how many returns it remembers.
    package static let exampleLimit = 20
    package static let returnLimit = 4_000

    /// What became of the prediction, and what came back of the paths that nobody had accounted for.
    ///
    /// A path that is not there any more was undone. One that is there was untouched by the boot
    /// when its inode was last changed before the prediction was made: that time cannot be set.
    package static func compare(
        _ before: Before, after: Observation, declared: [DeclaredFinding]
    ) -> (comparison: BootComparison, returns: [PathReturn]) {
        var result = BootComparison()
        var returns: [PathReturn] = []
        var later = after.changes[...]
        var previous: BytePath?
        for entry in before.entries.sorted(by: { $0.change.path < $1.change.path }) {
            let path = entry.change.path
            if path == previous { continue }
            previous = path
            while let next = later.first, next.path < path {
                later.removeFirst()
                strange(next, before, &result)
            }
            guard entry.verdict != .persisted else {
                if later.first?.path == path { later.removeFirst() }
                continue
            }
            guard let now = later.first, now.path == path else {
                result.undone += 1
                continue
            }
            later.removeFirst()
            returned(entry, now, before, after, &result, &returns)
        }
        for next in later { strange(next, before, &result) }
        lost(before, declared, &result)
        return (result, returns)
    }

    private static func returned(
        _ entry: DriftEntry, _ now: PathChange, _ before: Before, _ after: Observation,
        _ result: inout BootComparison, _ returns: inout [PathReturn]
    ) {
        let old = entry.change
        switch isOlder(now, than: before.clock) {
        case true?:
            result.survived += 1
            note(now.path, in: &result.survivors)
            return
        case nil where old.kind == now.kind && old.modified == now.modified:
            // Nothing tells one that stayed from one that was made again.
            result.undetermined += 1
        case nil, false?:
            result.undone += 1
            result.returned += 1
        }
        guard entry.verdict == .unexplained || entry.verdict == .regenerated,
            returns.count < returnLimit
        else { return }
        let content = after.contents[now.path]
        let outcome: PathReturn.Outcome =
            switch PathSignature.same(old, before.contents[old.path], now, content) {
            case true?: .same
            case false?: .different
            case nil: .unknown
            }
        returns.append(
            PathReturn(
                path: now.path, outcome: outcome,
                signature: PathSignature.text(of: now, content: content)))
    }

    /// A change that nobody predicted is only to blame on the prediction when it was there before.
    private static func strange(
        _ now: PathChange, _ before: Before, _ result: inout BootComparison
    ) {
        guard now.change != .removed, isOlder(now, than: before.clock) == true else { return }
        result.missed += 1
        note(now.path, in: &result.missedPaths)
    }

    /// What was in effect before the boot and is not any more was lost without being predicted.
    private static func lost(
        _ before: Before, _ declared: [DeclaredFinding], _ result: inout BootComparison
    ) {
        let kept = Set(before.declared.filter { $0.verdict == .inEffect }.map(\.entry.path))
        for finding in declared where kept.contains(finding.entry.path) {
            guard finding.verdict == .leaked || finding.verdict == .missing else { continue }
            result.missed += 1
            note(BytePath(finding.entry.path), in: &result.missedPaths)
        }
    }

    private static func isOlder(_ now: PathChange, than clock: Date?) -> Bool? {
        guard let clock, let changed = now.changed else { return nil }
        return changed < clock
    }

    private static func note(_ path: BytePath, in examples: inout [BytePath]) {
        if examples.count < exampleLimit { examples.append(path) }
    }
}
