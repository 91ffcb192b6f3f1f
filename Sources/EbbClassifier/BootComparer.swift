package import EbbModel
package import FoundationEssentials

/// Compares what was to be undone by a boot with what is there after it.
///
/// The prediction comes entry by entry, sorted by path, and compared with the changes after the boot
/// as they are read: neither is held.
package struct BootComparer: Sendable {
    /// What is known of a host before a boot, besides the paths.
    package struct Before: Sendable {
        /// The host's clock in the last observation.
        package var clock: Date?
        package var contents: [BytePath: [UInt8]]
        package var declared: [DeclaredFinding]

        package init(clock: Date?, contents: [BytePath: [UInt8]], declared: [DeclaredFinding]) {
            (self.clock, self.contents, self.declared) = (clock, contents, declared)
        }
    }

    /// How many paths a comparison names at most, and how many returns it remembers.
    private static let exampleLimit = 20
    private static let returnLimit = 4_000

    private let before: Before
    private let after: Observation
    private var later: ChangeCursor
    /// The change after the boot that has not been compared yet.
    private var next: PathChange?
    private var isStarted = false
    private var previous: BytePath?
    private var result = BootComparison()
    private var returns: [PathReturn] = []

    package init(_ before: Before, after: Observation) {
        (self.before, self.after) = (before, after)
        later = after.changes.cursor()
    }

    /// Takes the next path that was to be undone.
    ///
    /// A path that is not there any more was undone. One that is there was untouched by the boot
    /// when its inode was last changed before the prediction was made: that time cannot be set.
    package mutating func take(_ entry: DriftEntry) throws(SpillError) {
        try start()
        let path = entry.change.path
        if path == previous { return }
        previous = path
        while let change = next, change.path < path {
            strange(change)
            next = try later.next()
        }
        guard let now = next, now.path == path else {
            if entry.verdict != .persisted { result.undone += 1 }
            return
        }
        next = try later.next()
        if entry.verdict != .persisted { returned(entry, now) }
    }

    /// What became of the prediction, and what came back of the paths that nobody had accounted for.
    package mutating func finish(declared: [DeclaredFinding]) throws(SpillError) -> (
        comparison: BootComparison, returns: [PathReturn]
    ) {
        try start()
        while let change = next {
            strange(change)
            next = try later.next()
        }
        lost(declared)
        return (result, returns)
    }

    private mutating func start() throws(SpillError) {
        guard !isStarted else { return }
        isStarted = true
        next = try later.next()
    }

    private mutating func returned(_ entry: DriftEntry, _ now: PathChange) {
        let old = entry.change
        switch isOlder(now) {
        case true?:
            result.survived += 1
            if Self.isIdentical(old, now) { result.identical = (result.identical ?? 0) + 1 }
            Self.note(now.path, in: &result.survivors)
            return
        case nil where old.kind == now.kind && old.modified == now.modified:
            // One that stayed and one that was made again look the same.
            result.undetermined += 1
        case nil, false?:
            result.undone += 1
            result.returned += 1
            var paths = result.returnedPaths ?? []
            Self.note(now.path, in: &paths)
            result.returnedPaths = paths
        }
        guard entry.verdict == .unexplained || entry.verdict == .regenerated, returns.count < Self.returnLimit else {
            return
        }
        let content = after.contents[now.path]
        let outcome: PathReturn.Outcome =
            switch PathSignature.same(old, before.contents[old.path], now, content) {
            case true?: .same
            case false?: .different
            case nil: .unknown
            }
        returns.append(
            PathReturn(path: now.path, outcome: outcome, signature: PathSignature.text(of: now, content: content)))
    }

    /// A change that nobody predicted counts against the prediction only when it was there before.
    private mutating func strange(_ now: PathChange) {
        guard now.change != .removed, isOlder(now) == true else { return }
        result.missed += 1
        Self.note(now.path, in: &result.missedPaths)
    }

    /// What was in effect before the boot and is not any more was lost without being predicted.
    private mutating func lost(_ declared: [DeclaredFinding]) {
        let kept = Set(before.declared.filter { $0.verdict == .inEffect }.map(\.entry.path))
        for finding in declared where kept.contains(finding.entry.path) {
            guard finding.verdict == .leaked || finding.verdict == .missing else { continue }
            result.missed += 1
            Self.note(BytePath(finding.entry.path), in: &result.missedPaths)
        }
    }

    private func isOlder(_ now: PathChange) -> Bool? {
        guard let clock = before.clock, let changed = now.changed else { return nil }
        return changed < clock
    }

    /// Whether a file is the one that it was, as far as its listing shows: stored times have microseconds.
    private static func isIdentical(_ old: PathChange, _ now: PathChange) -> Bool {
        guard old.kind == .file, now.kind == .file, old.size == now.size, let then = old.modified,
            let modified = now.modified
        else { return false }
        return abs(modified.timeIntervalSince(then)) < 0.001
    }

    private static func note(_ path: BytePath, in examples: inout [BytePath]) {
        if examples.count < exampleLimit { examples.append(path) }
    }
}

/// All of a changed path that must be equal for it to count as the same again after a boot.
package enum PathSignature {
    /// The signature as text; `nil` where the content of a file is not known.
    ///
    /// Times are no part of it: what is made at each boot is as old as the boot.
    package static func text(of change: PathChange, content: [UInt8]?) -> String? {
        var parts = [change.change.rawValue, change.kind.rawValue]
        if change.change == .removed { return parts.joined(separator: " ") }
        parts.append(change.mode.map { String($0, radix: 8) } ?? "-")
        parts.append(change.uid.map { String($0) } ?? "-")
        parts.append(change.gid.map { String($0) } ?? "-")
        switch change.kind {
        case .file:
            guard let size = change.size else { return nil }
            parts.append(String(size))
            if size > 0 {
                guard let content else { return nil }
                parts.append(hexadecimal(content))
            }
        case .symlink: parts.append(change.linkTarget?.base64 ?? "-")
        case .directory, .fifo, .socket, .block, .character: break
        }
        return parts.joined(separator: " ")
    }

    /// Whether a path is the same in two observations; `nil` where that is not known.
    package static func same(_ left: PathChange, _ leftContent: [UInt8]?, _ right: PathChange, _ rightContent: [UInt8]?)
        -> Bool?
    {
        guard left.change == right.change, left.kind == right.kind, left.mode == right.mode, left.uid == right.uid,
            left.gid == right.gid, left.linkTarget == right.linkTarget, left.kind != .file || left.size == right.size
        else { return false }
        guard let one = text(of: left, content: leftContent), let two = text(of: right, content: rightContent) else {
            return nil
        }
        return one == two
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
