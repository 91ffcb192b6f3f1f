import EbbModel

/// Whether everything was erased that a boot must erase, each place by its own evidence.
extension BootProof {
    mutating func negativeCanaries() -> Answer {
        for (canary, reading) in pairs where canary.kind == .negative {
            let name = "negative canary on \(canary.mount)"
            let answer: Answer =
                switch reading {
                case .absent(BytePath(canary.mount)): note(.good, "\(name) is gone")
                case .absent(let mount):
                    note(.unknown, "\(name): nothing is mounted there, and \(mount.printable) was looked at")
                case .present(let token, _, let file): found(token, file, canary, name)
                case .unknown(let gap): note(.unknown, "\(name): \(gap.message)")
                }
            erased.append((canary.mount, answer))
        }
        return worst(erased.map(\.answer))
    }

    /// What a file says that lies where a canary was left.
    ///
    /// Only the very file that was left shows that nothing was erased. A blank may hold a canary of an
    /// earlier boot, and a backup may bring one back: then the place's own mark decides.
    private mutating func found(_ token: String, _ file: FileMark?, _ canary: Canary, _ name: String) -> Answer {
        let words: String
        if canary.mount == "/", case .present(token, _, _)? = evidence.blankCanary {
            words = "is one that the blank holds as well"
        } else if token != canary.token {
            words = "is gone: there is one with another token, which Ebb did not leave for this boot"
        } else if let left = canary.file, let file, !left.isSameFile(as: file) {
            words = "is there again as another file: something brought it back"
        } else {
            return note(.bad, "\(name) is still there")
        }
        returned.insert(canary.mount)
        return note(.good, "\(name) \(words)")
    }

    /// Whether everything or only something that had to be erased is still there.
    var kindOfNotErased: (AttemptReason, String) {
        let gone = erased.filter { $0.answer == .good }.map(\.mount)
        let there = erased.filter { $0.answer == .bad }.map(\.mount)
        if there.isEmpty {
            return (.partlyErased, survivorsInWords ?? movedInWords.first ?? "not everything was erased")
        }
        if gone.isEmpty { return (.notErased, "the root was not erased") }
        return (
            .partlyErased, "\(there.joined(separator: ", ")) was not erased, " + "\(gone.joined(separator: ", ")) was"
        )
    }

    /// Files that were to go and are there as they were, in words.
    private var survivorsInWords: String? {
        guard let comparison = evidence.comparison, let count = comparison.identical, count > 0 else { return nil }
        return "\(count) files that were to be undone are there as they were before the boot; untouched: "
            + Self.examples(comparison.survivors, of: comparison.survived)
    }

    /// What was moved into a place that was made anew, in words.
    private var movedInWords: [String] {
        evidence.places.compactMap { place in
            evidence.nested[place].map { "\($0.printable) is older than \(place), in which it lies: it was not erased" }
        }
    }

    /// Whether anything older was moved into a place that the boot made anew.
    mutating func movedIn() -> Answer { worst([.good] + movedInWords.map { note(.bad, $0) }) }

    /// What the prediction says of the boot.
    ///
    /// A file that was to go and is there with the times of before was not erased. What came back, or only
    /// looks old, is said: a host's clock may have been behind when it was made.
    mutating func untouched() -> Answer {
        guard let comparison = evidence.comparison else { return .good }
        if comparison.returned > 0 {
            reasons.append(
                "\(comparison.returned) paths that were to be undone came back after the boot: "
                    + Self.examples(comparison.returnedPaths ?? [], of: comparison.returned))
        }
        if let words = survivorsInWords { return note(.bad, words) }
        if comparison.survived > 0 {
            reasons.append(
                "\(comparison.survived) paths that were to be undone are there, and dated before the boot: "
                    + Self.examples(comparison.survivors, of: comparison.survived))
        }
        return .good
    }

    private static func examples(_ paths: [BytePath], of count: Int) -> String {
        let named = paths.prefix(5)
        let rest = count - named.count
        return named.map(\.printable).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// Whether a place that the boot erases, beside the root, is there and made anew, by its own evidence.
    mutating func isFresh(_ place: String) -> Answer {
        func mount(_ facts: HostFacts) -> Mount? { facts.mounts.last { $0.mountPoint == BytePath(place) } }
        guard !evidence.before.mounts.isEmpty, !evidence.after.mounts.isEmpty else {
            return note(.unknown, "how \(place) is mounted, and was, is not known")
        }
        guard let new = mount(evidence.after) else {
            return note(.unknown, "\(place) is not mounted: nobody knows what became of what it held")
        }
        guard let old = mount(evidence.before) else {
            return note(.unknown, "\(place) was not mounted before the boot: what it held could not be marked")
        }
        let marks = (evidence.before.erasedPlaces?[place], evidence.after.erasedPlaces?[place])
        guard let before = marks.0, let after = marks.1 else {
            return note(.unknown, "the mark of \(place) could not be compared")
        }
        // Under another name it may be the same all the same.
        guard before == after || (old.fileSystem, old.source, old.root) == (new.fileSystem, new.source, new.root) else {
            return note(
                .unknown,
                "\(place) is another storage: \(new.fileSystem) \(new.source) \(new.root.printable), and was "
                    + "\(old.fileSystem) \(old.source) \(old.root.printable), which nobody looked at")
        }
        if ["tmpfs", "ramfs"].contains(new.fileSystem) { return note(.good, "\(place) lives in memory") }
        if before != after {
            guard evidence.holdsOlder[place] != nil else {
                return note(.unknown, "\(place) is a new one, and could not be looked through")
            }
            return note(.good, "\(place) is a new one")
        }
        // It may have been emptied, and stayed the file system that it was.
        switch evidence.holdsOlder[place] {
        case false?: return note(.good, "\(place) holds nothing of before the boot")
        case true?: return note(.bad, "\(place) bears the same mark as before, and holds what is older than the boot")
        case nil: return note(.unknown, "\(place) bears the same mark as before, and could not be looked through")
        }
    }

    /// Whether the root was made from the blank on record, and that is as it was taken.
    mutating func originOfRoot() -> Answer {
        if let changed = evidence.after.blankState?.changed {
            return disowned("the blank was changed after it was taken: \(changed)")
        }
        // The root may have been taken from it since: then its generation says nothing.
        if let old = evidence.before.blankState?.newest, let new = evidence.after.blankState?.newest, old != new {
            let path = new.drop { $0 != "/" }
            return disowned("the blank was changed since the host was examined before the boot: \(path)")
        }
        let gaps = evidence.gaps.filter(\.isAboutBlank).map { note(.unknown, $0.message) }
        guard let recorded = evidence.recordedBlank else {
            if let old = evidence.before.blank, let now = evidence.after.blank, old != now {
                return note(
                    .unknown,
                    "the root was made from the blank \(now), the one before from \(old), and none is on record: "
                        + "`ebb datasets apply` records the one that is meant")
            }
            return worst([.good] + gaps)
        }
        guard let now = evidence.after.blank else {
            // What a root is copied from need not bear a mark.
            guard evidence.strategy == .btrfs || evidence.strategy == .zfs else { return worst([.good] + gaps) }
            return note(.unknown, "what the root was made from could not be read; on record is the blank \(recorded)")
        }
        guard now == recorded else {
            return disowned("the root was made from the blank \(now), on record is \(recorded)")
        }
        let isByIdentity = evidence.strategy == .btrfs && evidence.after.blankState == nil
        return worst(
            [
                note(
                    .good,
                    "the root was made from the blank on record"
                        + (isByIdentity ? ", compared by its UUID alone: its content could not be looked at" : ""))
            ] + gaps)
    }

    /// Notes that the root has not the blank that it should have.
    private mutating func disowned(_ words: String) -> Answer {
        originInWords = words
        return note(.bad, words)
    }

    /// Remembers the words of the first mark that says that a place is the old one.
    mutating func contradicted(_ answer: Answer) -> Answer {
        if answer == .bad { contradiction = contradiction ?? reasons.last }
        return answer
    }

    /// What the strategy itself says of the root's age, independent of any canary.
    mutating func corroborated() -> Answer {
        guard let observed = evidence.observedStrategy else {
            return note(.unknown, "how the root is mounted could not be read")
        }
        let name = observed.rawValue
        guard observed == evidence.strategy else {
            return note(.bad, "the root is \(name), but the inventory declares \(evidence.strategy.rawValue)")
        }
        if let (found, declared) = otherRoot {
            return note(.bad, "the root is \(found), but the inventory declares \(declared)")
        }
        // Of an overlay its upper directory is asked, where that can be reached from within.
        let upper = evidence.after.rootIdentity.flatMap(Self.upper)
        switch observed {
        case .tmpfs: return note(.good, "the root's writes live in memory (\(name))")
        case .overlay where upper == "tmpfs" || upper == "ramfs":
            return note(.good, "the root's writes live in memory (\(name))")
        case .overlay where upper == nil && !isNewByBirth:
            // An upper layer of the initramfs can be reached in no boot: then the canary alone tells.
            return note(.good, "where the writes of the \(name) root live cannot be seen from within")
        case .overlay, .zfs, .btrfs, .mkfs:
            guard let old = evidence.before.rootIdentity, let new = evidence.after.rootIdentity else {
                return note(.unknown, "the \(name) root's mark could not be compared")
            }
            if old == new {
                isSameRoot = true
                return note(.bad, "the \(name) root bears the same mark as before")
            }
            return note(.good, "the \(name) root is a new one")
        case .none: return note(.bad, "the root is not one that a boot erases")
        }
    }

    /// Whether the root was made at another time than the one before the boot, where both say when.
    private var isNewByBirth: Bool {
        func birth(_ facts: HostFacts) -> Substring? {
            facts.rootIdentity?.split(separator: " ").first { $0.hasPrefix("born=") }
        }
        guard let old = birth(evidence.before), let new = birth(evidence.after) else { return false }
        return old != new
    }

    /// The kind of file system that an overlay writes to, as its mark says.
    private static func upper(_ identity: String) -> String? {
        let words = identity.split(separator: " ")
        guard words.first?.hasPrefix("overlay") == true else { return nil }
        return words.last { $0.hasPrefix("type=") }.map { String($0.dropFirst("type=".count)) }
    }

    /// What is mounted at `/` and what was declared, where these are two datasets or subvolumes.
    private var otherRoot: (found: String, declared: String)? {
        guard let mount = evidence.after.mounts.last(where: { $0.mountPoint == BytePath("/") }) else { return nil }
        switch evidence.strategy {
        case .zfs:
            guard let dataset = evidence.root?.dataset, mount.source != dataset else { return nil }
            return (mount.source, dataset)
        case .btrfs:
            guard let subvolume = evidence.root?.subvolume else { return nil }
            let declared = "/" + subvolume.split(separator: "/").joined(separator: "/")
            return mount.root == BytePath(declared) ? nil : (mount.root.printable, declared)
        case .overlay, .mkfs, .tmpfs, .none: return nil
        }
    }
}
