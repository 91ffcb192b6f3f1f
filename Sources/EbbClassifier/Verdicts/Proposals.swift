package import EbbModel

/// What to do about paths that nobody has accounted for.
package struct Proposal: Sendable, Hashable {
    /// Whether to keep the path, and how, or to record that its loss is meant.
    package enum Action: Sendable, Hashable {
        case keep(Mechanism)
        case accept
    }

    package let path: BytePath
    package let action: Action
    package var stateClass: StateClass
    /// The preset that declares the path.
    package var preset: String?
    /// What the catalogue knows of it, or why this is proposed; with what is in the way of it.
    package var reason: String
    /// Whether what is declared already rules it out as it is.
    package var isObstructed = false
    /// How many changed paths it accounts for.
    package var covers: Int
    package var size: Int64
}

extension Proposal {
    /// Proposals for the unexplained paths among entries that are sorted by path; the most delicate
    /// first.
    ///
    /// Nothing is proposed for what the blank holds as well and the catalogue does not know: whoever
    /// changed it knows best whether the blank should change. What is proposed can be declared together,
    /// beside the host's `declared` paths, but for what is said to be obstructed.
    package static func all(
        for entries: some DriftSource, catalogue: Catalogue = .builtIn, declared: [PersistenceEntry] = [],
        on storages: [PersistentStorage] = []
    ) throws -> [Proposal] {
        var trie = PathTrie()
        catalogue.insert(into: &trie)
        var cursor = PathCursor(trie)
        let presets = catalogue.presetsByPath
        var found: [BytePath: Proposal] = [:]
        var folding = Folding()
        try entries.forEachEntry { entry in
            if entry.verdict == .unexplained, entry.change.change != .removed { folding.add(entry) }
        }
        for folded in folding.folded {
            let change = folded.entry.change
            cursor.move(to: change.path.bytes)
            let rule = cursor.frame.match[.catalogue]
            var known = rule >= 0 ? catalogue.entries[Int(rule)] : nil
            // A secret in a place of noise is no reason to give up the place.
            if known?.isNoise == true, folded.entry.isSecret { known = nil }
            let place = rule >= 0 ? BytePath(bytes: Array(cursor.place(of: .catalogue))) : nil
            guard var proposal = proposal(change, folded, known, place) else { continue }
            proposal.preset = proposal.path.text.flatMap { presets[$0] }
            if found[proposal.path] == nil {
                found[proposal.path] = proposal
            } else {
                found[proposal.path]?.absorb(proposal)
            }
        }
        obstruct(&found, by: declared, on: storages)
        return merged(found).values.sorted {
            $0.stateClass.danger == $1.stateClass.danger
                ? $0.path < $1.path : $0.stateClass.danger > $1.stateClass.danger
        }
    }

    /// What is declared first where no storage is.
    package static let assumedStorage = PersistentStorage(mount: "/persist")

    /// Marks what cannot be declared beside what is declared already.
    private static func obstruct(
        _ found: inout [BytePath: Proposal], by declared: [PersistenceEntry], on storages: [PersistentStorage]
    ) {
        let storages = storages.isEmpty ? [assumedStorage] : storages
        let byPath = Dictionary(declared.map { (BytePath($0.path), $0) }, uniquingKeysWith: { first, _ in first })
        let targets = Set(declared.compactMap { $0.mechanism == .dataset ? nil : $0.target })
        for (path, proposal) in found {
            guard let entry = proposal.entry else { continue }
            let outer = path.andAbove.lazy.compactMap { byPath[$0] }.first {
                $0.path == entry.path || entry.isCovered(by: $0)
            }
            if let outer {
                found[path]?.obstruct("\(outer.path) is declared already")
            } else if let storage = storages.first(where: { path.isInside(BytePath($0.mount)) }) {
                found[path]?.obstruct("it lies on persistent storage already, at \(storage.mount)")
            } else if let target = storages.first.map({ $0.mount + entry.path }), targets.contains(target),
                entry.mechanism != .dataset
            {
                found[path]?.obstruct("another declared path is kept at \(target)")
            }
        }
        for inner in declared {
            for path in BytePath(inner.path).andAbove {
                guard let entry = found[path]?.entry, inner.isCovered(by: entry) else { continue }
                found[path]?.obstruct("\(inner.path), in it, is declared already: declare what lies beside that")
            }
        }
    }

    private mutating func obstruct(_ words: String) {
        guard !isObstructed else { return }
        isObstructed = true
        reason += "; but " + words
    }

    /// The proposals without those that another one covers: a path that lies in another is kept with that.
    private static func merged(_ found: [BytePath: Proposal]) -> [BytePath: Proposal] {
        var merged = found
        // Directories come before what is in them.
        for path in found.keys.sorted() {
            guard let proposal = found[path], let entry = proposal.entry else { continue }
            let outer = path.andAbove.first { above in
                guard let outer = merged[above], !outer.isObstructed else { return false }
                return outer.entry.map { entry.isCovered(by: $0) } ?? false
            }
            guard let outer else { continue }
            merged[path] = nil
            merged[outer]?.absorb(proposal)
        }
        return merged
    }

    private mutating func absorb(_ other: Proposal) {
        covers += other.covers
        size = size.addingClamped(other.size)
        if other.stateClass.danger > stateClass.danger { stateClass = other.stateClass }
    }

    /// The declaration that is proposed, where that is one and the path is text.
    private var entry: PersistenceEntry? {
        guard case .keep(let mechanism) = action, let text = path.text else { return nil }
        return PersistenceEntry(path: text, mechanism: mechanism)
    }

    private static func proposal(
        _ change: PathChange, _ folded: FoldedEntry, _ known: CatalogueEntry?, _ place: BytePath?
    ) -> Proposal? {
        func make(_ path: BytePath, _ action: Action, _ reason: String) -> Proposal {
            Proposal(
                path: path, action: action, stateClass: folded.stateClass, preset: nil, reason: reason,
                covers: folded.entryCount, size: folded.size)
        }
        if let known, let place {
            if known.stateClass == .cache || known.stateClass == .noise { return make(place, .accept, known.what) }
            guard let mechanism = known.mechanism else { return nil }
            return make(known.adopt.map { BytePath($0) } ?? place, .keep(mechanism), known.what)
        }
        // A directory that was changed is not new: what is in it speaks for itself.
        if change.change == .modified, change.kind == .directory { return nil }
        switch change.kind {
        case .directory: return make(change.path, .keep(.bind), "new as a whole")
        case .file where NameHints.needsItsDirectory(change.path) && change.path.parent != BytePath("/"):
            return make(change.path.parent, .keep(.bind), "holds files that programs replace, or that come in several")
        case .file where change.change == .modified: return nil
        case .file, .symlink: return make(change.path, .keep(.symlink), "new")
        case .fifo, .socket, .block, .character: return nil
        }
    }
}

extension BytePath {
    /// The path and the directories above it, without `/`, from the inside out.
    fileprivate var andAbove: [BytePath] {
        var paths: [BytePath] = []
        var path = self
        while path != BytePath("/") {
            paths.append(path)
            path = path.parent
        }
        return paths
    }
}
