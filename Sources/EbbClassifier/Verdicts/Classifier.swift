package import EbbModel
package import FoundationEssentials

/// Gives every changed path its verdict, by a fixed chain.
///
/// On another mount → managed by the system → declared and in effect → leaked → regenerated →
/// catalogue noise → accepted → unexplained. The first that holds counts, and says why. What looks like a
/// secret is neither regenerated nor noise, and accepted only where that is said of secrets.
/// Paths may come in any order; sorted ones are fastest, and only in them is it known which closed directories
/// they lie in.
package struct Classifier: Sendable {
    private let judgement: Judgement
    private let mountReasons: [(at: String, below: String)]
    /// Why the boot destroys what lies in a mount; `nil`: it does not.
    private let destructions: [String?]
    /// Paths that are links, with the place to which adoption and `ebb-persist` move what was there.
    private let links: [(original: BytePath, finding: DeclaredFinding)]
    private let acceptanceRules: [(reason: String, isInForce: Bool)]
    private let accepted: AcceptedLosses
    /// The preset that declares a path, by the path.
    private let presets: [String: String]
    private var cursor: PathCursor
    /// The last advice for a place in the catalogue: neighbours mostly share it.
    private var lastAdvice: (rule: Int, place: [UInt8], text: String)?
    /// Depth of a directory that is new and unexplained as a whole, while below it.
    private var newDirectoryDepth: Int?
    /// Changed directories that keep others out, each with what may still lie in it, by the order of bytes.
    private var closed: [BytePath] = []

    package init(_ judgement: Judgement) {
        self.judgement = judgement
        var trie = PathTrie()
        let points = judgement.mounts.map(\.mountPoint).filter { $0 != BytePath("/") }
        for (index, point) in points.enumerated() {
            trie.insert(point.bytes, kind: .mount, rule: Int32(index), isLiteral: true)
        }
        mountReasons = points.map { ("mount point of \($0.printable)", "hidden below the mount at \($0.printable)") }
        destructions = points.map { point in
            guard judgement.erased.contains(point) else { return nil }
            return judgement.erases.contains(point)
                ? "lies in the mount at \(point.printable), which the boot erases"
                : "lies in memory, in the mount at \(point.printable)"
        }
        for (index, finding) in judgement.findings.enumerated() {
            trie.insert(Array(finding.entry.path.utf8), kind: .declared, rule: Int32(index), isLiteral: true)
        }
        judgement.catalogue.insert(into: &trie)
        for (index, acceptance) in judgement.acceptances.enumerated() {
            trie.insert(Array(acceptance.path.utf8), kind: .acceptance, rule: Int32(index))
        }
        links = judgement.findings.filter { $0.entry.mechanism == .symlink }.map {
            (BytePath($0.entry.path + ".ebb-original"), $0)
        }
        acceptanceRules = judgement.acceptances.map { Self.rule($0, today: judgement.today) }
        accepted = AcceptedLosses(judgement.acceptances)
        presets = judgement.catalogue.presetsByPath
        cursor = PathCursor(trie)
    }

    /// The verdicts of many changes, in their order.
    package static func classify(_ changes: [PathChange], _ judgement: Judgement) -> [DriftEntry] {
        var classifier = Classifier(judgement)
        return changes.map { classifier.classify($0) }
    }

    /// The verdict of one change.
    package mutating func classify(_ change: PathChange) -> DriftEntry {
        cursor.move(to: change.path.bytes)
        while let last = closed.last, !change.path.bytes.starts(with: last.bytes) { closed.removeLast() }
        if change.kind == .directory, change.change != .removed, let mode = change.mode, mode & 0o001 == 0 {
            closed.append(change.path)
        }
        if let depth = newDirectoryDepth, cursor.sharedDepth < depth { newDirectoryDepth = nil }
        // One after the other: each `??` would copy the entry once more.
        if let entry = mounted(change) { return entry }
        if !links.isEmpty, let entry = besideLink(change) { return entry }
        if let entry = managed(change) { return entry }
        if let entry = declared(change) { return entry }
        if let entry = known(change) { return entry }
        return unexplained(change)
    }

    private static func rule(_ acceptance: Acceptance, today: CalendarDate) -> (reason: String, isInForce: Bool) {
        let by = "\(acceptance.by): \(acceptance.reason)"
        if acceptance.isInForce(on: today) { return (acceptance.words, true) }
        guard let until = acceptance.until, CalendarDate(until) != nil else {
            return ("the acceptance by \(by) has no readable date", false)
        }
        return ("the acceptance by \(by) expired on \(until)", false)
    }

    private func entry(
        _ change: PathChange, _ verdict: PathVerdict, _ stateClass: StateClass? = nil, _ reason: String,
        suggestion: String? = nil
    ) -> DriftEntry {
        // A declaration without a class says nothing; the catalogue may know.
        let given = stateClass == .unknown ? nil : stateClass
        return DriftEntry(
            change: change, verdict: verdict, stateClass: given ?? knownClass(change), reason: reason,
            suggestion: suggestion)
    }

    private func knownClass(_ change: PathChange) -> StateClass {
        let rule = cursor.frame.match[.catalogue]
        // Wherever it lies, a key that only its owner may read is a key.
        if looksLikeSecret(change) { return .secret }
        return rule >= 0 ? judgement.catalogue.entries[Int(rule)].stateClass : NameHints.stateClass(of: change)
    }

    /// Whether it is content like that of a secret, of which the catalogue does not speak by its own name.
    private func looksLikeSecret(_ change: PathChange) -> Bool {
        NameHints.looksLikeSecret(
            change, holdsKey: judgement.keys.contains(change.path),
            isClosed: closed.contains { change.path.isInside($0) && change.path != $0 }) && !isNamedByCatalogue(change)
    }

    private func isNamedByCatalogue(_ change: PathChange) -> Bool {
        let rule = cursor.frame.match[.catalogue]
        guard rule >= 0, cursor.isExact(.catalogue) else { return false }
        let bytes = change.path.bytes
        let name = bytes[((bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...]
        return judgement.catalogue.entries[Int(rule)].paths.contains { path in
            path.utf8.split(separator: UInt8(ascii: "/")).last?.elementsEqual(name) ?? false
        }
    }

    private var finding: DeclaredFinding? {
        let rule = cursor.frame.match[.declared]
        return rule >= 0 ? judgement.findings[Int(rule)] : nil
    }

    private func mounted(_ change: PathChange) -> DriftEntry? {
        let rule = cursor.frame.match[.mount]
        guard rule >= 0 else { return nil }
        let reasons = mountReasons[Int(rule)]
        if cursor.isExact(.mount) {
            // A file that something is mounted on need hold nothing; what it holds is not what is mounted.
            if change.kind == .file, change.change != .removed, change.size != 0 {
                return finding.map { original(change, of: $0, reasons.below) }
            }
            guard let finding, cursor.isExact(.declared) else { return entry(change, .managed, .noise, reasons.at) }
            let isKept = [.inEffect, .readOnly, .wrongAttributes].contains(finding.verdict)
            return entry(change, isKept ? .persisted : .leaked, finding.entry.stateClass, finding.reason)
        }
        if destructions[Int(rule)] != nil { return nil }
        if let finding, change.change != .removed { return original(change, of: finding, reasons.below) }
        // A directory may be what something is mounted on; what was written before the mount came goes with the root.
        if change.kind == .directory || change.change == .removed {
            return entry(change, .managed, .noise, reasons.below)
        }
        return nil
    }

    /// What lies beneath a declared path's mount, or beside its link: the copy of an adopted path has it as well,
    /// as long as it is what was compared.
    private func original(_ change: PathChange, of finding: DeclaredFinding, _ place: String) -> DriftEntry {
        if judgement.originals.contains(BytePath(finding.entry.path)), let target = finding.entry.target {
            switch finding.verdict {
            case .leaked, .missing, .unknown: break
            case .inEffect, .readOnly, .wrongAttributes:
                return entry(
                    change, .persisted, finding.entry.stateClass,
                    "what \(target) was copied from, not written to since: the next erased boot takes it")
            }
        }
        return entry(
            change, .leaked, finding.entry.stateClass,
            "\(place), and not known to be on persistent storage: see `ebb persistence adopt`")
    }

    private func besideLink(_ change: PathChange) -> DriftEntry? {
        guard change.change != .removed, let link = links.first(where: { change.path.isInside($0.original) }) else {
            return nil
        }
        return original(change, of: link.finding, "moved aside for the link at \(link.finding.entry.path)")
    }

    private func managed(_ change: PathChange) -> DriftEntry? {
        if change.kind == .directory, change.change == .added {
            let leads = cursor.frame.leads
            if leads[.declared] >= 0 {
                let path = judgement.findings[Int(leads[.declared])].entry.path
                return entry(change, .managed, .noise, "leads to the declared path \(path)")
            }
            if leads[.mount] >= 0 {
                return entry(change, .managed, .noise, "leads to the " + mountReasons[Int(leads[.mount])].at)
            }
            if cursor.depth == 0 { return entry(change, .managed, .noise, "the root itself") }
        }
        if change.kind == .symlink, let target = change.linkTarget?.bytes,
            Self.systemTargets.contains(where: { target.starts(with: $0) })
        {
            return entry(change, .managed, .noise, "a link that NixOS makes at activation")
        }
        if !judgement.managed.isEmpty, judgement.managed.contains(change.path) {
            return entry(change, .managed, .noise, "a file that NixOS copies at activation")
        }
        return nil
    }

    private static let systemTargets = [
        "/etc/static/", "/nix/store/", "/run/current-system/", "/run/booted-system/", "/nix/var/nix/profiles/",
    ].map { Array($0.utf8) }

    private func declared(_ change: PathChange) -> DriftEntry? {
        guard let finding else { return nil }
        let stateClass = finding.entry.stateClass
        switch finding.verdict {
        case .inEffect, .readOnly, .wrongAttributes:
            switch finding.entry.mechanism {
            case .config where change.change != .removed: return nil
            case .symlink where !cursor.isExact(.declared) && change.change != .removed:
                return entry(change, .leaked, stateClass, "lies below a path that should be a link")
            case .symlink, .bind, .dataset, .config: return entry(change, .persisted, stateClass, finding.reason)
            }
        case .leaked, .missing: return entry(change, .leaked, stateClass, finding.reason)
        case .unknown: return nil
        }
    }

    private func known(_ change: PathChange) -> DriftEntry? {
        let looksSecret = looksLikeSecret(change)
        if !looksSecret {
            if !judgement.regenerated.isEmpty, judgement.regenerated.contains(change.path) {
                return entry(change, .regenerated, nil, "comes back by itself, the same, after each proven boot")
            }
            let rule = cursor.frame.match[.catalogue]
            if rule >= 0 {
                let known = judgement.catalogue.entries[Int(rule)]
                if known.isNoise { return entry(change, .noise, known.stateClass, known.what) }
            }
        }
        let rule = Int(cursor.frame.match[.acceptance])
        guard rule >= 0 else { return nil }
        let isSecret = looksSecret || isSecretByCatalogue(change)
        if !isSecret, acceptanceRules[rule].isInForce {
            return entry(change, .accepted, nil, acceptanceRules[rule].reason)
        }
        // The nearest one does not hold, or not for this: another one may.
        let today = judgement.today
        let other = accepted.covering(change.path, isSecret: isSecret) { $0.isInForce(on: today) }
        return other.map { entry(change, .accepted, nil, $0.words) }
    }

    private func isSecretByCatalogue(_ change: PathChange) -> Bool {
        let rule = cursor.frame.match[.catalogue]
        guard rule >= 0, change.kind == .file, change.change != .removed else { return false }
        return judgement.catalogue.entries[Int(rule)].stateClass == .secret
    }

    private mutating func unexplained(_ change: PathChange) -> DriftEntry {
        let match = cursor.frame.match
        let isBelowNew = newDirectoryDepth.map { $0 < cursor.depth } ?? false
        if !isBelowNew {
            let isNewDirectory = change.kind == .directory && change.change == .added
            newDirectoryDepth = isNewDirectory ? cursor.depth : nil
        }
        let rule = match[.catalogue] >= 0 ? Int(match[.catalogue]) : nil
        let suggestion = isBelowNew ? nil : suggestion(change, rule)
        let mount = Int(match[.mount])
        let destruction = mount >= 0 ? destructions[mount] ?? mountReasons[mount].below : nil
        return entry(
            change, .unexplained, finding?.entry.stateClass,
            (destruction.map { $0 + ": " } ?? "") + reason(change, rule), suggestion: suggestion)
    }

    private mutating func suggestion(_ change: PathChange, _ rule: Int?) -> String {
        if change.change == .removed {
            return "remove it from the blank as well, or accept that the next boot brings it back"
        }
        guard let rule, !(judgement.catalogue.entries[rule].isNoise && looksLikeSecret(change)) else {
            return suggestion(ofUnknown: change)
        }
        let place = cursor.place(of: .catalogue)
        if let last = lastAdvice, last.rule == rule, last.place.elementsEqual(place) { return last.text }
        let path = BytePath(bytes: Array(place))
        let text = suggestion(for: path, judgement.catalogue.entries[rule])
        lastAdvice = (rule, path.bytes, text)
        return text
    }

    private func suggestion(for place: BytePath, _ known: CatalogueEntry) -> String {
        guard let mechanism = known.mechanism else { return "change the blank, or accept the loss" }
        let path = known.adopt ?? place.printable
        return "keep \(path): mechanism \(mechanism.rawValue)" + (presets[path].map { ", preset \($0)" } ?? "")
    }

    private func suggestion(ofUnknown change: PathChange) -> String {
        switch change.kind {
        case .directory where change.change == .modified: return "change the blank, or accept the loss"
        case .directory: return "keep it: mechanism bind; or accept the loss"
        case .file where NameHints.needsItsDirectory(change.path) && change.path.parent != BytePath("/"):
            return "keep its directory \(change.path.parent.printable): mechanism bind, "
                + "because such files are replaced or come in several; or accept the loss"
        case .file where change.change == .modified: return "change the blank, keep it by a link, or accept the loss"
        case .file, .symlink, .fifo, .socket, .block, .character:
            return "keep it: mechanism symlink; or accept the loss"
        }
    }

    private func reason(_ change: PathChange, _ rule: Int?) -> String {
        let match = cursor.frame.match
        if let finding {
            return finding.verdict == .unknown
                ? "declared, but " + finding.reason
                : "\(finding.entry.target ?? "another path") is declared to hold it, " + "and yet something wrote here"
        }
        if judgement.reset.contains(change.path) {
            return "came back after the last boot, but not as it was: its state is lost each time"
        }
        if match[.acceptance] >= 0 {
            let nearest = acceptanceRules[Int(match[.acceptance])]
            return nearest.isInForce
                ? "a secret, which an acceptance covers only where it says class: secret, or names the path itself"
                : nearest.reason
        }
        if looksLikeSecret(change), rule.map({ judgement.catalogue.entries[$0].isNoise }) ?? false {
            return "looks like a secret: it is named or written like one"
        }
        if looksLikeSecret(change), judgement.regenerated.contains(change.path) {
            return "looks like a secret, so that it comes back by itself is not enough"
        }
        if let rule { return judgement.catalogue.entries[rule].what }
        if change.kind == .symlink, let target = change.linkTarget,
            judgement.persist.contains(where: { target.isInside(BytePath($0)) })
        {
            return "a link to persistent storage that no declaration makes again"
        }
        return "nobody has accounted for it"
    }
}

/// Everything that a verdict about a path depends on, besides the path.
package struct Judgement: Sendable {
    /// The expanded persistence set, judged.
    package var findings: [DeclaredFinding]
    /// The mounts of the same observation.
    package var mounts: [Mount]
    /// Losses that a person accepted.
    package var acceptances: [Acceptance]
    package var catalogue: Catalogue
    /// Where state survives: mount points.
    package var persist: [String]
    /// Paths that came back by themselves, identical, after enough proven boots.
    package var regenerated: Set<BytePath>
    /// Paths that came back by themselves, but different.
    package var reset: Set<BytePath>
    /// Paths that the system says it makes itself.
    package var managed: Set<BytePath> = []
    /// Mounts beside the root of which the boot destroys the content, which is among the changes.
    package var erased: Set<BytePath> = []
    /// Those of them that the inventory names; the others are in memory.
    package var erases: Set<BytePath>
    /// Adopted paths whose originals are as they were when the copy was compared with them.
    package var originals: Set<BytePath> = []
    /// Files that were seen to hold a private key.
    package var keys: Set<BytePath> = []
    /// The day that decides whether an acceptance is still in force.
    package var today: CalendarDate

    package init(
        settings: HostSettings, findings: [DeclaredFinding], mounts: [Mount], catalogue: Catalogue = .builtIn,
        regenerated: Set<BytePath> = [], reset: Set<BytePath> = [], now: Date
    ) {
        (self.findings, self.mounts, self.catalogue, self.regenerated) = (findings, mounts, catalogue, regenerated)
        self.reset = reset
        acceptances = settings.accept
        persist = settings.persist.map(\.mount)
        erases = Set((settings.root?.erases ?? []).map { BytePath($0) })
        today = CalendarDate(utc: now)
    }
}

/// The changes of one observation with their verdicts, which are reached while the list is read.
package struct JudgedChanges: DriftSource {
    private let changes: ChangeList
    private let judgement: Judgement

    package init(_ changes: ChangeList, _ judgement: Judgement) {
        (self.changes, self.judgement) = (changes, judgement)
    }

    /// Calls `body` with each change and its verdict, in order; each call judges anew.
    package func forEachEntry(_ body: (DriftEntry) throws -> Void) throws {
        var classifier = Classifier(judgement)
        try changes.forEach { try body(classifier.classify($0)) }
    }
}
