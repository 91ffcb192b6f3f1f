package import EbbModel
import FoundationEssentials

/// Holds what declared paths hold after a boot against what they held before it.
///
/// Demanded is only what had to come through: everything of a class that only people change, and what
/// stood still for `stillness` where nothing is known of the class. Databases and other precious data are
/// written by programs that know better: of them a part may go without a finding, and all of it may grow.
/// What was not looked at, before or after, is unknown.
package struct CensusJudge: Sendable {
    private let before: Census
    private let after: Census
    private let isFresh: Bool
    private let recorded: [String: StorageMark]
    private let check: [String: [BytePath: Census.Node]]
    private let stillness: Int64
    private let leastKept: Int64
    private let missed: Set<String>

    /// Judges what was found by what was there.
    ///
    /// `check` are the names of `before` that are there after the boot, by declared path; a path that is
    /// not among them was not looked at. `isFresh`: the census was taken right before the boot; what went
    /// since an older one cannot be laid at the boot's door, and is unknown. `recorded` is the storage that holds
    /// each path, as an earlier proof found it or a person accepted it. `stillness` is in seconds, `leastKept` in
    /// percent; see `RebootSettings`. `missed` are paths of which something is known to be missing: there, only
    /// all of it ends that.
    package init(
        before: Census, after: Census, check: [String: [BytePath: Census.Node]], isFresh: Bool = true,
        recorded: [String: StorageMark] = [:], stillness: Int = 86_400, leastKept: Int = 50, missed: Set<String> = []
    ) {
        (self.before, self.after, self.check, self.isFresh) = (before, after, check, isFresh)
        (self.recorded, self.stillness, self.leastKept) = (recorded, Int64(stillness), Int64(leastKept))
        self.missed = missed
    }

    /// One finding for each entry.
    package func findings(_ entries: [PersistenceEntry]) -> [CensusFinding] {
        entries.map { entry in
            let (state, message) = judge(entry)
            // Only one that is on record can be accepted in its place.
            let isOther = state == .storageReplaced && recorded[entry.path] != nil
            let finding = CensusFinding(
                entry.path, state, message, isOnOtherStorage: isOther, asked: entry.askedOfContent)
            if isFresh || !finding.isHarmed { return finding }
            return CensusFinding(
                entry.path, .unknown,
                "\(message), other than \(since); Ebb cannot tell whether it changed before the boot or in it",
                isUndecided: true, isOnOtherStorage: isOther, asked: entry.askedOfContent)
        }
    }

    /// When the paths were looked at last, by the host's clock.
    private var since: String {
        guard before.takenAt > 0 else { return "when it was looked at last" }
        let moment = Date(timeIntervalSince1970: Double(before.takenAt))
        return "at \(moment.formatted(.iso8601)), when it was looked at last"
    }

    private typealias Judgement = (CensusFinding.State, String)

    private func judge(_ entry: PersistenceEntry) -> Judgement {
        guard let old = before.places[entry.path] else { return (.unknown, "it was not looked at before the boot") }
        guard let new = after.places[entry.path] else { return (.unknown, "it was not looked at after the boot") }
        guard let oldTop = old.top else {
            return new.top == nil ? (.kept, "nothing was there, and nothing is") : (.changed, "it was not there before")
        }
        guard let newTop = new.top else { return (.lost, "it is gone") }
        if let words = otherStorage(entry.path, old, new) { return (.storageReplaced, words) }
        guard oldTop.kind == newTop.kind else {
            return (.lost, "a \(newTop.kind.rawValue) is where a \(oldTop.kind.rawValue) was")
        }
        if entry.census == .off { return (.kept, "it lies on the storage where it was; its content is not looked at") }
        if let words = loss(entry, old, new) { return (.lost, words) }
        if entry.neverChanges, oldTop.kind == .file, oldTop.digest == nil || newTop.digest == nil {
            return (.unknown, "its content could not be read \(oldTop.digest == nil ? "before" : "after") the boot")
        }
        let missed: [(BytePath, String)]
        do throws(Unlooked) { missed = try changes(entry, old) } catch { return (.unknown, error.message) }
        if self.missed.contains(entry.path) {
            let still = missed.filter { ["is gone", "is empty", "is shorter"].contains($0.1) }
            if !still.isEmpty { return (.lost, Self.list(still)) }
            if let was = old.counts, let now = new.counts, now.lasting < was.lasting || now.bytes < was.bytes {
                return (
                    .lost,
                    "\(now.lasting) entries and \(now.bytes) bytes are there, and \(was.lasting) with \(was.bytes) were"
                )
            }
        }
        let demanded = missed.filter { isDemanded(entry, old.names[$0.0]) }
        let losses = demanded.filter { !Self.attributeWords.contains($0.1) }
        // What is only another's or has another mode is named behind what is gone.
        if !losses.isEmpty {
            return (.lost, Self.list(losses + demanded.filter { Self.attributeWords.contains($0.1) }))
        }
        // Names beyond the remembered ones are missed in the sum.
        if entry.neverChanges, let was = old.counts?.lasting, let now = new.counts?.lasting, now < was {
            return (.lost, "only \(now) of \(was) entries are left")
        }
        if let words = Self.difference(oldTop, newTop) { return (.attributesDiffer, "the path itself: \(words)") }
        if !demanded.isEmpty { return (.attributesDiffer, Self.list(demanded)) }
        if let harm = missed.isEmpty ? nil : inBulk(missed, old) { return harm }
        if oldTop.kind == .directory, let when = old.counts == nil ? "before" : new.counts == nil ? "after" : nil {
            return (.unknown, "what is in it could not be counted to the end \(when) the boot")
        }
        if !missed.isEmpty { return (.changed, Self.list(missed)) }
        if old.identity != new.identity, oldTop.kind == .directory {
            return (.changed, "the directory was made anew; what was in it is there")
        }
        return (.kept, Self.kept(old, new))
    }

    /// What no program does by right, although each of the changes alone may be: most names gone, shorter, another's.
    private func inBulk(_ missed: [(BytePath, String)], _ old: Census.Place) -> Judgement? {
        func most(_ changes: [(BytePath, String)], of names: Int, atLeast: Int) -> Bool {
            names >= atLeast && isTooLittle(Int64(names - changes.count), of: Int64(names))
        }
        let altered = missed.filter { Self.attributeWords.contains($0.1) }
        let harmed = missed.filter { !Self.attributeWords.contains($0.1) }
        let still = old.names.filter { stoodStill($0.value) }
        let moved = harmed.filter { still[$0.0] != nil }
        if most(moved, of: still.count, atLeast: 4) {
            return (
                .lost,
                "of \(still.count) names that had not changed for long \(moved.count) changed across the boot: "
                    + Self.list(moved)
            )
        }
        // A spool is emptied by right, and nobody cuts short all that is in it.
        let cut = harmed.filter { $0.1 != "is gone" }
        if most(cut, of: old.names.count, atLeast: 8) {
            return (.lost, "of \(old.names.count) names \(cut.count) did not survive intact: " + Self.list(cut))
        }
        if most(altered, of: old.names.count, atLeast: 2) { return (.attributesDiffer, Self.list(altered)) }
        return nil
    }

    /// Whether less came through than has to where programs write.
    private func isTooLittle(_ now: Int64, of was: Int64) -> Bool {
        Double(now) * 100 < Double(was) * Double(leastKept)
    }

    /// Whether a name had to come through as it was.
    private func isDemanded(_ entry: PersistenceEntry, _ node: Census.Node?) -> Bool {
        guard let node else { return false }
        if entry.neverChanges { return true }
        return stoodStill(node) && (entry.census == .full || entry.stateClass == .unknown)
    }

    private func stoodStill(_ node: Census.Node) -> Bool {
        node.changedAt > 0 && before.takenAt - node.changedAt >= stillness
    }

    /// What is less than it may be by right, in numbers.
    private func loss(_ entry: PersistenceEntry, _ old: Census.Place, _ new: Census.Place) -> String? {
        if let oldTop = old.top, let newTop = new.top, oldTop.kind == .file {
            if oldTop.size > 0, newTop.size == 0 { return "it is empty, and held \(oldTop.size) bytes" }
            if entry.neverChanges {
                if oldTop.size != newTop.size { return "it has \(newTop.size) bytes, and had \(oldTop.size)" }
                if let was = oldTop.digest, let now = newTop.digest, was != now { return "its content is another" }
            }
        }
        guard let was = old.counts, let now = new.counts, was.entries > 0 else { return nil }
        switch entry.stateClass {
        case .cache, .noise, .regenerable: return nil
        default: break
        }
        if now.entries == 0 { return "it is empty, and held \(was.entries) entries" }
        if entry.stateClass == .log { return nil }
        if was.bytes > 0, now.bytes == 0 { return "its files are all empty, and held \(was.bytes) bytes" }
        if isTooLittle(now.entries, of: was.entries), was.entries >= 8 {
            return "only \(now.entries) of \(was.entries) entries are left"
        }
        if isTooLittle(now.bytes, of: was.bytes), was.bytes >= 1 << 20 {
            return "only \(now.bytes) of \(was.bytes) bytes are left"
        }
        return nil
    }

    private struct Unlooked: Error { let message: String }

    /// The remembered names that are not as they were, sorted, each with what is different.
    private func changes(_ entry: PersistenceEntry, _ old: Census.Place) throws(Unlooked) -> [(BytePath, String)] {
        if old.names.isEmpty {
            // A directory whose names were to be remembered, and that could not be read to its end.
            guard entry.census.names == 0 || old.top?.kind != .directory || old.counts?.entries == 0 else {
                throw Unlooked(message: "its names could not be listed before the boot")
            }
            return []
        }
        guard let found = check[entry.path] else {
            throw Unlooked(message: "its names could not be looked at after the boot")
        }
        var changes: [(BytePath, String)] = []
        for (name, was) in old.names.sorted(by: { $0.key < $1.key }) where was.kind != .socket && was.kind != .fifo {
            guard let now = found[name] else {
                changes.append((name, "is gone"))
                continue
            }
            if now.kind != was.kind {
                changes.append((name, "is a \(now.kind.rawValue) now"))
            } else if was.kind == .file, was.size > 0, now.size == 0 {
                changes.append((name, "is empty"))
            } else if was.kind == .file, now.size < was.size {
                changes.append((name, "is shorter"))
            } else if let digest = was.digest, now.digest == nil {
                _ = digest
                throw Unlooked(message: "\(name.printable) could not be read after the boot")
            } else if was.digest != now.digest || (entry.neverChanges && was.kind != .directory && was.size != now.size)
            {
                changes.append((name, "has other content"))
            } else if was.kind != .symlink, let words = Self.difference(was, now) {
                changes.append((name, words))
            }
        }
        return changes
    }

    private static let attributeWords: Set<String> = ["has another owner", "has another mode"]

    private static func difference(_ was: Census.Node, _ now: Census.Node) -> String? {
        if was.uid != now.uid || was.gid != now.gid { return "has another owner" }
        return was.mode != now.mode ? "has another mode" : nil
    }

    /// Whether another storage holds the path than the one on record, or where there is none the one before.
    private func otherStorage(_ path: String, _ old: Census.Place, _ new: Census.Place) -> String? {
        guard let found = StorageMark(new) else { return nil }
        return (recorded[path] ?? StorageMark(old)).flatMap(found.difference)
    }

    private static func list(_ changes: [(BytePath, String)]) -> String {
        let named = changes.prefix(5).map { "\($0.0.printable) \($0.1)" }.joined(separator: ", ")
        return changes.count > 5 ? "\(named), and \(changes.count - 5) more" : named
    }

    private static func kept(_ old: Census.Place, _ new: Census.Place) -> String {
        guard let counts = new.counts else { return "it is as it was" }
        let names = old.names.isEmpty ? "" : ", \(old.names.count) of them looked at one by one"
        return "\(counts.entries) entries\(names)"
    }
}
