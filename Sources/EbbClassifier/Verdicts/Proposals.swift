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
    /// What the catalogue knows of it, or why this is proposed.
    package let reason: String
    /// How many changed paths it accounts for.
    package var covers: Int
    package var size: Int64
}

extension Proposal {
    /// Proposals for the unexplained paths among entries that are sorted by path; the most delicate
    /// first.
    ///
    /// Nothing is proposed for what the blank holds as well and the catalogue does not know: whoever
    /// changed it knows best whether the blank should change.
    package static func all(for entries: some DriftSource, catalogue: Catalogue = .builtIn) throws -> [Proposal] {
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
            if var earlier = found[proposal.path] {
                earlier.covers += proposal.covers
                earlier.size = earlier.size.addingClamped(proposal.size)
                if proposal.stateClass.danger > earlier.stateClass.danger { earlier.stateClass = proposal.stateClass }
                found[proposal.path] = earlier
            } else {
                found[proposal.path] = proposal
            }
        }
        return found.values.sorted {
            $0.stateClass.danger == $1.stateClass.danger
                ? $0.path < $1.path : $0.stateClass.danger > $1.stateClass.danger
        }
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
