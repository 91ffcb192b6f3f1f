package import EbbModel

/// An entry that stands for itself and, where it is a directory new or gone as a whole, for all
/// below it that shares its verdict.
package struct FoldedEntry: Sendable, Hashable {
    /// The shallowest entry.
    package var entry: DriftEntry
    /// How many entries it stands for, itself included.
    package var entryCount: Int
    /// Sum of the known sizes.
    package var size: Int64
    /// The most delicate class among them.
    package var stateClass: StateClass

    init(_ entry: DriftEntry) {
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
package struct Folding: Sendable {
    /// A directory that takes in what is below it.
    private struct Home: Hashable {
        let path: BytePath
        let verdict: PathVerdict
        let change: PathChange.Kind
    }

    /// What the entries so far come to.
    package private(set) var folded: [FoldedEntry] = []
    /// The place of each directory's fold.
    ///
    /// Between a directory and what is in it other paths may come (`/a`, `/a-b`, `/a/c`), so none
    /// is ever closed.
    private var homes: [Home: Int] = [:]

    package init() {}

    /// Takes the next entry, directories before what is in them; entries of other verdicts in between
    /// do not matter.
    ///
    /// - Returns: Whether the entry has a fold of its own.
    @discardableResult package mutating func add(_ entry: DriftEntry) -> Bool {
        if let home = home(of: entry) {
            folded[home].absorb(entry)
            return false
        }
        if entry.change.kind == .directory, entry.change.change != .modified {
            homes[Self.home(entry.change.path, entry)] = folded.count
        }
        folded.append(FoldedEntry(entry))
        return true
    }

    private func home(of entry: DriftEntry) -> Int? {
        if homes.isEmpty { return nil }
        var path = entry.change.path
        while path != BytePath("/") {
            path = path.parent
            if let home = homes[Self.home(path, entry)] { return home }
        }
        return nil
    }

    private static func home(_ path: BytePath, _ entry: DriftEntry) -> Home {
        Home(path: path, verdict: entry.verdict, change: entry.change.change)
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
