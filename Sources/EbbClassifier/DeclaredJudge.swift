package import EbbModel

/// Judges whether declared paths are really kept, from one observation.
package struct DeclaredJudge: Sendable {
    private let persist: [BytePath]
    private let mounts: [Mount]
    private let root: RootSettings?

    /// `mounts` are those of the same observation as the states.
    package init(settings: HostSettings, mounts: [Mount]) {
        persist = settings.persist.map { BytePath($0.mount) }
        (self.mounts, root) = (mounts, settings.root)
    }

    /// One finding per entry; an entry without a state is `unknown`.
    package func findings(_ entries: [PersistenceEntry], states: [String: DeclaredState]) -> [DeclaredFinding] {
        entries.map { entry in
            let (verdict, reason) = judge(entry, states[entry.path])
            return DeclaredFinding(entry: entry, verdict: verdict, reason: reason)
        }
    }

    private typealias Judgement = (DeclaredFinding.Verdict, String)

    private func judge(_ entry: PersistenceEntry, _ state: DeclaredState?) -> Judgement {
        guard let state else { return (.unknown, "the host did not describe the path") }
        guard let target = entry.target else {
            return (.unknown, "no persistent storage is declared that could hold it")
        }
        if entry.mechanism == .dataset { return dataset(entry, state) }
        if let trouble = storageTrouble(target, state) { return trouble }
        guard let kept = state.target else { return (.missing, "nothing is at \(target)") }
        switch entry.mechanism {
        case .symlink: if let trouble = link(entry, state, target: target, kept) { return trouble }
        case .bind: if let trouble = bind(entry, state, target: target, kept) { return trouble }
        case .config, .dataset: break
        }
        // What is mounted over the path is reached without the way to its target.
        if kept.isClosed == true, entry.mechanism != .bind {
            return (.readOnly, "nobody can get to \(target): a directory above it lets nobody in")
        }
        if let trouble = Self.locked(kept, target) { return trouble }
        return inside(entry, target) ?? attributes(entry, of: kept) ?? (.inEffect, inEffect(entry, target))
    }

    private static func locked(_ node: DeclaredState.Node, _ place: String) -> Judgement? {
        guard node.isLocked == true else { return nil }
        let what = node.kind == .directory ? "nothing can be made in \(place)" : "\(place) cannot be written to"
        return (.readOnly, what + ": it is read-only or immutable")
    }

    private func inEffect(_ entry: PersistenceEntry, _ target: String) -> String {
        switch entry.mechanism {
        case .symlink: "the path is a link to \(target)"
        case .bind: "\(target) is mounted over the path"
        case .dataset: "a file system of its own is mounted there"
        case .config: "\(target) is on persistent storage"
        }
    }

    /// Whether the target's own place would not survive.
    private func storageTrouble(_ target: String, _ state: DeclaredState) -> Judgement? {
        let isLink = state.target?.kind == .symlink
        guard let mount = state.targetMount else {
            return (
                .unknown, isLink ? "\(target) is a link that leads nowhere" : "it is not known what holds \(target)"
            )
        }
        guard persist.contains(mount) else {
            if isLink, let end = state.targetPlace {
                return (
                    .leaked, "\(target) is a link to \(end.printable), which lies on \(mount.printable), and is lost"
                )
            }
            let declared = persist.first { BytePath(target).isInside($0) }
            // Something is mounted within the storage, over the target or above it.
            if let declared, mount.isInside(declared) { return fate(mount) }
            let what = declared.map { "nothing is mounted at \($0.printable)" }
            return (
                .leaked,
                (what ?? "\(target) is not on declared persistent storage")
                    + ": it lies on \(mount.printable), and is lost"
            )
        }
        return fate(mount)
    }

    /// What the fate of a mount means for what lies on it; `nil`: it survives.
    private func fate(_ point: BytePath) -> Judgement? {
        judgement(Fate.ofMount(at: point, mounts: mounts, root: root))
    }

    private func fateInside(_ place: BytePath) -> Judgement? {
        Fate.troubleInside(place, mounts: mounts, root: root).flatMap(judgement)
    }

    private func judgement(_ fate: Fate) -> Judgement? {
        switch fate {
        case .survives: nil
        case .readOnly(let why): (.readOnly, why)
        case .lost(let why): (.leaked, why)
        case .unknown(let why): (.unknown, why)
        }
    }

    /// What is mounted over the path or inside it, and takes its writes.
    private func inside(_ entry: PersistenceEntry, _ target: String) -> Judgement? {
        for place in [BytePath(entry.path), BytePath(target)] { if let trouble = fateInside(place) { return trouble } }
        let place = BytePath(entry.path)
        guard entry.mechanism == .bind, mounts.contains(where: { $0.mountPoint == place }) else { return nil }
        return fate(place)
    }

    /// Where a link leads that stands at `path`, by its words alone.
    private static func resolved(_ points: BytePath, from path: BytePath) -> BytePath {
        let slash = UInt8(ascii: "/")
        let start = points.bytes.first == slash ? points : path.parent.appending(points.bytes)
        var parts: [ArraySlice<UInt8>] = []
        for part in start.bytes.split(separator: slash) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) { _ = parts.popLast() } else { parts.append(part) }
        }
        return BytePath(bytes: parts.flatMap { [slash] + $0 })
    }

    private func link(_ entry: PersistenceEntry, _ state: DeclaredState, target: String, _ kept: DeclaredState.Node)
        -> Judgement?
    {
        guard let path = state.path else { return (.leaked, "the link is gone: what is written there is lost") }
        if path.kind == .symlink {
            guard let points = state.linkTarget else { return (.unknown, "where the link points could not be read") }
            if Self.resolved(points, from: BytePath(entry.path)) == BytePath(target) { return nil }
            return (.leaked, "the link points to \(points.printable), not to \(target)")
        }
        // A directory above it may be kept as a whole.
        if path.identity == kept.identity { return nil }
        return (.leaked, "a \(path.kind.rawValue) has taken the place of the link: " + "what is written there is lost")
    }

    private func bind(_ entry: PersistenceEntry, _ state: DeclaredState, target: String, _ kept: DeclaredState.Node)
        -> Judgement?
    {
        guard let path = state.path else { return (.leaked, "nothing is at the path: \(target) is not mounted there") }
        let place = BytePath(entry.path)
        let mount = mounts.last { $0.mountPoint == place }
        if mount?.root.bytes.suffix(9).elementsEqual("//deleted".utf8) == true {
            return (.leaked, "the mount shows a file that was replaced at \(target): writes are lost")
        }
        if path.identity == kept.identity {
            // A mount there shows at the target as well, where mounts are shared: both are one, and another.
            let end = state.targetPlace ?? BytePath(target)
            guard let storage = persist.first(where: { end.isInside($0) }),
                Fate.isElsewhere(place, on: storage, than: end, mounts: mounts)
            else { return nil }
            let shown = mount?.root.printable ?? "something else"
            return (.leaked, "\(shown) of the storage is mounted there, not \(target)")
        }
        if path.kind == .symlink { return (.leaked, "a link stands where \(target) should be mounted") }
        return (
            .leaked,
            mount == nil && state.pathMount != place
                ? "\(target) is not mounted there: what is written there is lost"
                : "something other than \(target) is mounted there"
        )
    }

    private func dataset(_ entry: PersistenceEntry, _ state: DeclaredState) -> Judgement {
        guard let path = state.path else { return (.missing, "nothing is at the path") }
        guard let point = state.pathMount else { return (.unknown, "it is not known what holds the path") }
        guard point != BytePath("/") else {
            return (.leaked, "no file system of its own is mounted there: it lies on the root")
        }
        if let trouble = fate(point) { return trouble }
        if let trouble = fateInside(BytePath(entry.path)) { return trouble }
        if let trouble = Self.locked(path, entry.path) { return trouble }
        return attributes(entry, of: path) ?? (.inEffect, inEffect(entry, entry.path))
    }

    private func attributes(_ entry: PersistenceEntry, of node: DeclaredState.Node) -> Judgement? {
        var wrong: [String] = []
        if let owner = entry.owner, owner != node.owner, owner != String(node.uid) {
            wrong.append("owner is \(node.owner), declared \(owner)")
        }
        if let group = entry.group, group != node.group, group != String(node.gid) {
            wrong.append("group is \(node.group), declared \(group)")
        }
        if let mode = entry.mode, mode != node.mode {
            wrong.append("mode is \(Self.octal(node.mode)), declared \(Self.octal(mode))")
        }
        return wrong.isEmpty ? nil : (.wrongAttributes, wrong.joined(separator: "; "))
    }

    private static func octal(_ mode: UInt16) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension HostSettings {
    /// The declared paths: the host's own and those of its presets, targets filled in; sorted, each path once.
    ///
    /// What a person wrote for a path replaces what a preset says of it; where two presets name a
    /// path, the first one listed counts.
    package func persistenceSet(_ catalogue: Catalogue = .builtIn) -> [PersistenceEntry] {
        var byPath: [String: PersistenceEntry] = [:]
        for entry in presets.flatMap({ catalogue.presets[$0] ?? [] }) where byPath[entry.path] == nil {
            byPath[entry.path] = entry
        }
        for entry in persistence { byPath[entry.path] = entry }
        return byPath.values.map { entry in
            var entry = entry
            entry.target = target(of: entry)
            entry.askedWriteTest = entry.askedWriteTest ?? catalogue.writeTest(of: entry.path)
            return entry
        }.sorted { $0.path < $1.path }
    }
}
