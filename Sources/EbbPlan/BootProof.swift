package import EbbModel

/// Judges a boot from its evidence.
///
/// A boot is proven when the boot id changed, every place that the boot erases is mounted, fresh by its own mark
/// and without its canary, the root is the declared one and was made from the recorded blank, nothing that
/// was to go is there as it was, every positive canary is intact on its own mount, and every declared path
/// is in effect. One piece of evidence that says otherwise decides; one that is missing makes the
/// answer unknown; nothing missing is ever counted as good.
package struct BootProof {
    private let evidence: BootEvidence
    private var reasons: [String] = []
    /// The first piece of evidence that leaves something unknown, in words.
    private var firstUnknown: String?
    /// What the canaries say, by the mount point that must have been erased.
    private var erased: [(mount: String, answer: Answer)] = []
    /// Mount points with a file where a canary was left that is not the one that was left.
    private var returned: Set<String> = []
    /// Whether the root bears the mark that it had before.
    private var isSameRoot = false
    /// What is wrong with the blank that the root was made from, in words.
    private var originInWords: String?
    /// What says that a place is the old one, in words.
    private var contradiction: String?

    /// What the evidence proves, and the end of the attempt that follows from it.
    package static func judge(_ evidence: BootEvidence) -> AttemptEnd {
        var proof = BootProof(evidence: evidence)
        return proof.judged()
    }

    private init(evidence: BootEvidence) { self.evidence = evidence }

    /// Three answers, ordered so that the worse one wins.
    private enum Answer: Int { case good, unknown, bad }

    private mutating func judged() -> AttemptEnd {
        guard let before = evidence.before.bootID, let after = evidence.after.bootID else {
            return end(.evidenceIncomplete, "the boot id is not known", .unknown, .unknown)
        }
        guard before != after else {
            return end(.didNotReboot, "the host still runs boot \(before)", .notErased, .unknown)
        }
        reasons.append("boot id changed from \(before) to \(after)")
        if let known = evidence.before.machineID, let now = evidence.after.machineID, known != now {
            return end(.differentMachine, "machine id \(now) answers where \(known) was", .unknown, .unknown)
        }

        let negative = worst([negativeCanaries(), untouched()])
        var marks = [contradicted(corroborated())]
        for place in evidence.places { marks.append(contradicted(isFresh(place))) }
        let corroboration = worst(marks)
        let origin = originOfRoot()
        let positive = positiveCanaries()
        let declared = declaredPaths()
        let (content, contentEnd) = contents()
        let units = failedUnits()
        let identity: Answer = evidence.before.machineID == nil || evidence.after.machineID == nil ? .unknown : .good
        if identity == .unknown { reasons.append("the machine id could not be compared") }

        // A canary that is gone while the root bears its old mark is a contradiction, not a proof.
        // A root that is new, and made from something else than its blank, did not go back to that.
        let isOldRoot = isSameRoot && returned.contains("/")
        let erasure: BootVerdict.Erasure =
            switch (isOldRoot ? .bad : negative, corroboration, origin) {
            case (.bad, _, _): .notErased
            case (.good, .good, .good): .erased
            default: .unknown
            }
        let questions: Answer = evidence.gaps.allSatisfy(\.isAboutBlank) ? .good : .unknown
        let retention: BootVerdict.Retention =
            switch worst([positive, declared, content, identity, questions]) {
            case .good: evidence.keepsNothing ? .notApplicable : .kept
            case .bad:
                // What is all there under another mode is not lost, and not known to be right.
                if isLeaked || positive == .bad {
                    .leaked
                } else if contentEnd == .declaredLost {
                    .lost
                } else {
                    .unknown
                }
            case .unknown: .unknown
            }

        if positive == .bad { return end(lossOfStorage.0, lossOfStorage.1, erasure, retention) }
        if isOldRoot { return end(.notErased, "the root was not erased", erasure, retention) }
        if negative == .bad { return end(kindOfNotErased.0, kindOfNotErased.1, erasure, retention) }
        if origin == .bad {
            return end(.blankReplaced, originInWords ?? "the root has another blank", erasure, retention)
        }
        if declared == .bad, isLeaked {
            return end(.declaredLost, "a declared path is not in effect", erasure, retention)
        }
        if let contentEnd, let worst = worstContent { return end(contentEnd, worst, erasure, retention) }
        if declared == .bad {
            return end(.attributesDiffer, "a declared path has another owner or mode", erasure, retention)
        }
        if negative == .good, corroboration == .bad {
            return end(
                .evidenceContradicts, "the canary is gone, yet \(contradiction ?? "the root is the old one")", erasure,
                retention)
        }
        if units == .bad { return end(.unitFailed, "a unit failed that ran before the boot", erasure, retention) }
        guard erasure == .erased, retention == .kept || retention == .notApplicable, units == .good else {
            reasons += evidence.gaps.map { "\($0.probe): \($0.reason.rawValue) \($0.message)" }
            let unknown = firstUnknown ?? evidence.gaps.first.map { "\($0.probe): \($0.message)" }
            return end(
                .evidenceIncomplete, "not every question was answered" + (unknown.map { ": \($0)" } ?? ""), erasure,
                retention)
        }
        return end(.proven, "erased and kept", erasure, retention)
    }

    private func end(
        _ reason: AttemptReason, _ message: String, _ erasure: BootVerdict.Erasure, _ retention: BootVerdict.Retention
    ) -> AttemptEnd {
        AttemptEnd(
            reason, message,
            verdict: BootVerdict(
                erasure: erasure, retention: retention, census: evidence.census.isEmpty ? nil : evidence.census,
                reasons: reasons))
    }

    private var pairs: [(Canary, CanaryReading)] { Array(zip(evidence.canaries, evidence.readings)) }

    private func worst(_ answers: [Answer]) -> Answer { answers.max { $0.rawValue < $1.rawValue } ?? .unknown }

    /// Records what a piece of evidence says.
    private mutating func note(_ answer: Answer, _ reason: String) -> Answer {
        reasons.append(reason)
        if answer == .unknown { firstUnknown = firstUnknown ?? reason }
        return answer
    }

    private mutating func negativeCanaries() -> Answer {
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
    private var kindOfNotErased: (AttemptReason, String) {
        let gone = erased.filter { $0.answer == .good }.map(\.mount)
        let there = erased.filter { $0.answer == .bad }.map(\.mount)
        if there.isEmpty { return (.partlyErased, survivorsInWords ?? "not everything was erased") }
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

    /// What the prediction says of the boot.
    ///
    /// A file that was to go and is there with the times of before was not erased. What came back, or only
    /// looks old, is said: a host's clock may have been behind when it was made.
    private mutating func untouched() -> Answer {
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
    private mutating func isFresh(_ place: String) -> Answer {
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
        if before != after { return note(.good, "\(place) is a new one") }
        // It may have been emptied, and stayed the file system that it was.
        switch evidence.holdsOlder[place] {
        case false?: return note(.good, "\(place) holds nothing of before the boot")
        case true?: return note(.bad, "\(place) bears the same mark as before, and holds what is older than the boot")
        case nil: return note(.unknown, "\(place) bears the same mark as before, and could not be looked through")
        }
    }

    /// Whether the root was made from the blank on record, and that is as it was taken.
    private mutating func originOfRoot() -> Answer {
        if let changed = evidence.after.blankState?.changed {
            return disowned("the blank was changed after it was taken: \(changed)")
        }
        let gaps = evidence.gaps.filter(\.isAboutBlank).map { note(.unknown, $0.message) }
        guard let recorded = evidence.recordedBlank else { return worst([.good] + gaps) }
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
    private mutating func contradicted(_ answer: Answer) -> Answer {
        if answer == .bad { contradiction = contradiction ?? reasons.last }
        return answer
    }

    /// What became of persistent storage whose canary is not there as it was.
    private var lossOfStorage: (AttemptReason, String) {
        let mounted = Set(evidence.after.mounts.map(\.mountPoint))
        for (canary, reading) in pairs where canary.kind == .positive {
            let place = BytePath(canary.mount)
            switch reading {
            case .absent where mounted.isEmpty: return (.stateLost, "what was on \(canary.mount) is gone")
            case .absent where mounted.contains(place), .present(_, place, _):
                if case .present(canary.token, _, _) = reading { continue }
                return (.persistReplaced, "\(canary.mount) is mounted, and is not what it was")
            case .absent, .present: return (.persistNotMounted, "\(canary.mount) is not mounted any more")
            case .unknown: continue
            }
        }
        return (.stateLost, "persistent storage was lost or replaced")
    }

    private mutating func positiveCanaries() -> Answer {
        if evidence.keepsNothing {
            reasons.append("nothing is declared that a boot must keep")
            return .good
        }
        var answers: [Answer] = []
        for (canary, reading) in pairs where canary.kind == .positive {
            let name = "positive canary on \(canary.mount)"
            let answer =
                switch reading {
                case .absent: note(.bad, "\(name) is gone")
                case .present(_, let mount, _) where mount != BytePath(canary.mount):
                    note(.bad, "positive canary of \(canary.mount) lies on \(mount.printable)")
                case .present(let token, _, _) where token != canary.token: note(.bad, "\(name) is another one")
                case .present: note(.good, "\(name) is intact")
                case .unknown(let gap): note(.unknown, "\(name): \(gap.message)")
                }
            answers.append(answer)
        }
        return worst(answers)
    }

    /// What the strategy itself says of the root's age, independent of any canary.
    private mutating func corroborated() -> Answer {
        guard let observed = evidence.observedStrategy else {
            return note(.unknown, "how the root is mounted could not be read")
        }
        let name = observed.rawValue
        guard observed == evidence.strategy else {
            return note(.bad, "the root is \(name), declared is \(evidence.strategy.rawValue)")
        }
        if let (found, declared) = otherRoot { return note(.bad, "the root is \(found), declared is \(declared)") }
        // Of an overlay its upper directory is asked, where that can be reached from within.
        let upper = evidence.after.rootIdentity.flatMap(Self.upper)
        switch observed {
        case .tmpfs: return note(.good, "the root's writes live in memory (\(name))")
        case .overlay where upper == nil || upper == "tmpfs" || upper == "ramfs":
            return note(.good, "the root's writes live in memory (\(name))")
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

    private mutating func declaredPaths() -> Answer {
        var answers: [Answer] = [.good]
        for finding in evidence.declared {
            if finding.verdict == .inEffect { continue }
            answers.append(
                note(finding.verdict.isDisproof ? .bad : .unknown, "\(finding.entry.path): \(finding.reason)"))
        }
        reasons.append(
            "\(evidence.declared.filter { $0.verdict == .inEffect }.count) of "
                + "\(evidence.declared.count) declared paths are in effect")
        return worst(answers)
    }

    /// Whether a declared path is not where it survives, as opposed to being there with another mode.
    private var isLeaked: Bool { evidence.declared.contains { $0.verdict == .leaked || $0.verdict == .missing } }

    /// What became of the content of declared paths, and the reason that follows from the worst of it.
    private mutating func contents() -> (Answer, AttemptReason?) {
        var ends: [AttemptReason] = []
        var answers: [Answer] = [.good]
        for finding in evidence.census {
            switch finding.state {
            case .kept: continue
            case .changed: break
            case .lost: ends.append(.declaredLost)
            case .attributesDiffer: ends.append(.attributesDiffer)
            case .storageReplaced: ends.append(.storageReplaced)
            case .unknown: answers.append(.unknown)
            }
            reasons.append("\(finding.path): \(finding.state.rawValue), \(finding.message)")
        }
        let kept = evidence.census.filter { $0.state == .kept || $0.state == .changed }.count
        if !evidence.census.isEmpty {
            reasons.append("the content of \(kept) of \(evidence.census.count) declared paths came through")
        }
        let order: [AttemptReason] = [.storageReplaced, .declaredLost, .attributesDiffer]
        let end = order.first { ends.contains($0) }
        return (end == nil ? worst(answers) : .bad, end)
    }

    /// The first finding about content that decides, in words.
    private var worstContent: String? {
        let order: [CensusFinding.State] = [.storageReplaced, .lost, .attributesDiffer]
        let worst = order.lazy.compactMap { state in evidence.census.first { $0.state == state } }.first
        return worst.map { "\($0.path): \($0.message)" }
    }

    private mutating func failedUnits() -> Answer {
        guard let after = evidence.after.failedUnits else { return note(.unknown, "failed units could not be listed") }
        let known = Set(evidence.before.failedUnits ?? [])
        let new = after.filter { !known.contains($0) }
        return new.isEmpty ? .good : note(.bad, "failed units: \(new.joined(separator: ", "))")
    }
}

/// What is known about one reboot: the host before it, the host after it, and the canaries.
package struct BootEvidence: Hashable, Sendable, Codable {
    /// How the inventory says that the root is erased.
    package var strategy: Strategy
    package var before: HostFacts
    package var after: HostFacts
    /// The strategy that the mounts show after the boot; `nil` when they could not be read.
    package var observedStrategy: Strategy?
    package var canaries: [Canary]
    /// One reading per canary, in the same order.
    package var readings: [CanaryReading]
    /// The declared paths as judged after the boot.
    package var declared: [DeclaredFinding]
    /// What became of the content of each declared path.
    package var census: [CensusFinding]
    /// The root as it is declared.
    package var root: RootSettings?
    /// What identified the blank when it was recorded; `nil`: nobody did.
    package var recordedBlank: String?
    /// What the blank holds where the root's canary was left; `nil`: it cannot be looked into.
    package var blankCanary: CanaryReading?
    /// By mount point, whether a place that the boot erases holds what is older than the boot.
    package var holdsOlder: [String: Bool] = [:]
    /// What became of the prediction before the boot, where there was one.
    package var comparison: BootComparison?
    /// Whether anything is declared that a boot must keep.
    package var keepsNothing: Bool
    /// Questions of the proof that were not answered.
    package var gaps: [ProbeGap]

    /// Mount points, beside `/`, that the boot erases.
    var places: [String] { canaries.filter { $0.kind == .negative && $0.mount != "/" }.map(\.mount) }

    package init(
        strategy: Strategy, before: HostFacts, after: HostFacts, observedStrategy: Strategy?, canaries: [Canary],
        readings: [CanaryReading], declared: [DeclaredFinding], census: [CensusFinding] = [],
        keepsNothing: Bool = false, gaps: [ProbeGap] = []
    ) {
        (self.strategy, self.before, self.after, self.observedStrategy) = (strategy, before, after, observedStrategy)
        (self.canaries, self.readings, self.declared, self.gaps) = (canaries, readings, declared, gaps)
        (self.census, self.keepsNothing) = (census, keepsNothing)
    }
}
