package import EbbModel

/// An entry that stands for itself and, where it is a directory new or gone as a whole, for all
/// below it that shares its verdict.
package struct FoldedEntry: Sendable, Hashable, Codable {
    /// The shallowest entry.
    package var entry: DriftEntry
    /// How many entries it stands for, itself included.
    package var entryCount: Int
    /// Sum of the known sizes.
    package var size: Int64
    /// The most delicate class among them.
    package var stateClass: StateClass

    package init(_ entry: DriftEntry) {
        self.entry = entry
        entryCount = 1
        size = entry.change.kind == .file ? entry.change.size ?? 0 : 0
        stateClass = entry.stateClass
    }

    /// Takes in an entry from below.
    fileprivate mutating func absorb(_ other: DriftEntry) {
        entryCount += 1
        if other.change.kind == .file { size = size.addingClamped(other.change.size ?? 0) }
        if other.stateClass.danger > stateClass.danger { stateClass = other.stateClass }
    }
}

/// Folds entries to the shallowest directories that are new, gone or renamed as a whole.
package enum Folding {
    /// Folds entries that are sorted by path; entries of other verdicts in between do not matter.
    package static func fold(_ entries: some Sequence<DriftEntry>) -> [FoldedEntry] {
        var folded: [FoldedEntry] = []
        /// Open directories, outermost first, with the place of the fold that takes their entries.
        var open: [(path: BytePath, verdict: PathVerdict, change: PathChange.Kind, fold: Int)] = []
        for entry in entries {
            let path = entry.change.path
            open.removeAll { !path.isInside($0.path) }
            let home = open.last { $0.verdict == entry.verdict && $0.change == entry.change.change }
            if let home {
                folded[home.fold].absorb(entry)
                continue
            }
            folded.append(FoldedEntry(entry))
            if entry.change.kind == .directory, entry.change.change != .modified {
                open.append((path, entry.verdict, entry.change.change, folded.count - 1))
            }
        }
        return folded
    }
}

extension StateClass {
    /// How much the loss hurts: the order in which people want to read.
    package var danger: Int {
        switch self {
        case .precious: 8
        case .secret: 7
        case .identity: 6
        case .config: 5
        case .unknown: 4
        case .log: 3
        case .regenerable: 2
        case .cache: 1
        case .noise: 0
        }
    }
}

extension Int64 {
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
