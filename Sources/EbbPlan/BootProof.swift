import EbbModel

/// Judges a boot from its evidence.
///
/// A boot is proven when the boot id changed, every place that the boot erases is mounted, fresh by its own mark
/// and without its canary, the root is the declared one and was made from the recorded blank, nothing that
/// was to go is there as it was, every positive canary is intact on its own mount, and every declared path
/// is in effect. One piece of evidence that says otherwise decides; one that is missing makes the
/// answer unknown; nothing missing is ever counted as good.
package struct BootProof {
    let evidence: BootEvidence
    var reasons: [String] = []
    /// The first piece of evidence that leaves something unknown, in words.
    private var firstUnknown: String?
    /// What the canaries say, by the mount point that must have been erased.
    var erased: [(mount: String, answer: Answer)] = []
    /// Mount points with a file where a canary was left that is not the one that was left.
    var returned: Set<String> = []
    /// Whether the root bears the mark that it had before.
    var isSameRoot = false
    /// What is wrong with the blank that the root was made from, in words.
    var originInWords: String?
    /// What says that a place is the old one, in words.
    var contradiction: String?

    /// What the evidence proves, and the end of the attempt that follows from it.
    package static func judge(_ evidence: BootEvidence) -> AttemptEnd {
        var proof = BootProof(evidence: evidence)
        return proof.judged()
    }

    private init(evidence: BootEvidence) { self.evidence = evidence }

    /// Three answers, ordered so that the worse one wins.
    enum Answer: Int { case good, unknown, bad }

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

        if !evidence.foreign.isEmpty {
            reasons.append(
                "canaries of other controllers were seen, and say nothing here: "
                    + evidence.foreign.joined(separator: ", "))
        }
        let negative = worst([negativeCanaries(), untouched(), movedIn()])
        var marks = [contradicted(corroborated())]
        for place in evidence.places { marks.append(contradicted(isFresh(place))) }
        let corroboration = worst(marks)
        let origin = originOfRoot()
        let positive = positiveCanaries()
        let declared = declaredPaths()
        let (content, contentEnd) = contents()
        let units = failedUnits()
        let identity = sameMachine()

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
            let lost = evidence.declared.first { $0.verdict == .leaked || $0.verdict == .missing }
            let words = lost.map { "\($0.entry.path): \($0.reason)" } ?? "a declared path is not in effect"
            return end(.declaredLost, words, erasure, retention)
        }
        if let contentEnd, let worst = worstContent { return end(contentEnd, worst, erasure, retention) }
        if let shut = evidence.declared.first(where: { $0.verdict == .readOnly }) {
            return end(.notWritable, "\(shut.entry.path): \(shut.reason)", erasure, retention)
        }
        if declared == .bad {
            let wrong = evidence.declared.first { $0.verdict.isDisproof }
            let words = wrong.map { "\($0.entry.path): \($0.reason)" } ?? "a declared path is not as declared"
            return end(.attributesDiffer, words, erasure, retention)
        }
        if negative == .good, corroboration == .bad {
            return end(
                .evidenceContradicts, "the canary is gone, yet \(contradiction ?? "the root is the old one")", erasure,
                retention)
        }
        if units == .bad { return end(.unitFailed, "a unit failed that ran before the boot", erasure, retention) }
        guard erasure == .erased, retention == .kept || retention == .notApplicable, units == .good else {
            reasons += evidence.gaps.map(\.words)
            let unknown = firstUnknown ?? evidence.gaps.first.map { "\($0.probe): \($0.message)" }
            return end(
                .evidenceIncomplete, "not every question was answered" + (unknown.map { ": \($0)" } ?? ""), erasure,
                retention)
        }
        return end(.proven, "erased and kept", erasure, retention)
    }

    /// Whether the machine is the one that was told to boot; that its id is another was found before.
    private mutating func sameMachine() -> Answer {
        guard evidence.before.machineID != nil, evidence.after.machineID != nil else {
            return note(.unknown, "the machine id could not be compared")
        }
        guard let old = evidence.before.serial, let new = evidence.after.serial, old != new else { return .good }
        return note(.unknown, "the machine id is the same, the serial number is \(new) and was \(old)")
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

    var pairs: [(Canary, CanaryReading)] { Array(zip(evidence.canaries, evidence.readings)) }

    func worst(_ answers: [Answer]) -> Answer { answers.max { $0.rawValue < $1.rawValue } ?? .unknown }

    /// Records what a piece of evidence says.
    mutating func note(_ answer: Answer, _ reason: String) -> Answer {
        reasons.append(reason)
        if answer == .unknown { firstUnknown = firstUnknown ?? reason }
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
                case .present(let token, _, _) where token != canary.token: stranger(token, name)
                case .present: note(.good, "\(name) is intact")
                case .unknown(let gap): note(.unknown, "\(name): \(gap.message)")
                }
            answers.append(answer)
        }
        return worst(answers)
    }

    /// What a token says that lies where another was left: only one of Ebb's own that is older shows that the
    /// storage is not what it was.
    private mutating func stranger(_ token: String, _ name: String) -> Answer {
        switch evidence.origins[token] {
        case .earlier: return note(.bad, "\(name) is one that was left earlier, or on another host")
        case .later: return note(.unknown, "\(name) was replaced by one that Ebb left later")
        case nil where CanaryToken.isOne(token):
            return note(.unknown, "\(name) was replaced by a token that is not of this database")
        case nil: return note(.bad, "\(name) holds something else")
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
    private var isLeaked: Bool { evidence.declared.contains { [.leaked, .missing].contains($0.verdict) } }

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
