package import EbbModel

/// Judges a boot from its evidence.
///
/// A boot is proven when the boot id changed, every negative canary is gone, every positive one is
/// intact on its own mount, the strategy's own mark of a fresh root agrees, and every declared path
/// is in effect. One piece of evidence that says otherwise decides; one that is missing makes the
/// answer unknown; nothing missing is ever counted as good.
package struct BootProof {
    private let evidence: BootEvidence
    private var reasons: [String] = []

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

        let negative = negativeCanaries()
        let corroboration = corroborated()
        let positive = positiveCanaries()
        let declared = declaredPaths()
        let (content, contentEnd) = contents()
        let units = failedUnits()
        let identity: Answer = evidence.before.machineID == nil || evidence.after.machineID == nil ? .unknown : .good
        if identity == .unknown { reasons.append("the machine id could not be compared") }

        // A canary that is gone while the root bears its old mark is a contradiction, not a proof.
        let erasure: BootVerdict.Erasure =
            switch (negative, corroboration) {
            case (.bad, _): .notErased
            case (.good, .good): .erased
            default: .unknown
            }
        let questions: Answer = evidence.gaps.isEmpty ? .good : .unknown
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
        if negative == .bad { return end(kindOfNotErased.0, kindOfNotErased.1, erasure, retention) }
        if declared == .bad, isLeaked {
            let lost = evidence.declared.first { $0.verdict == .leaked || $0.verdict == .missing }
            let words = lost.map { "\($0.entry.path): \($0.reason)" } ?? "a declared path is not in effect"
            return end(.declaredLost, words, erasure, retention)
        }
        if let contentEnd, let worst = worstContent { return end(contentEnd, worst, erasure, retention) }
        if declared == .bad {
            let wrong = evidence.declared.first { $0.verdict.isDisproof }
            let words = wrong.map { "\($0.entry.path): \($0.reason)" } ?? "a declared path is not as declared"
            return end(.attributesDiffer, words, erasure, retention)
        }
        if negative == .good, corroboration == .bad {
            return end(.evidenceContradicts, "the canary is gone, yet the root is the old one", erasure, retention)
        }
        if units == .bad { return end(.unitFailed, "a unit failed that ran before the boot", erasure, retention) }
        guard erasure == .erased, retention == .kept || retention == .notApplicable, units == .good else {
            reasons += evidence.gaps.map(\.words)
            return end(.evidenceIncomplete, "not every question was answered", erasure, retention)
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
        return answer
    }

    private mutating func negativeCanaries() -> Answer {
        var answers: [Answer] = []
        for (canary, reading) in pairs where canary.kind == .negative {
            let name = "negative canary on \(canary.mount)"
            let answer =
                switch reading {
                case .absent: note(.good, "\(name) is gone")
                case .present: note(.bad, "\(name) is still there")
                case .unknown(let gap): note(.unknown, "\(name): \(gap.message)")
                }
            answers.append(answer)
        }
        return worst(answers)
    }

    /// Whether everything or only something that had to be erased is still there.
    private var kindOfNotErased: (AttemptReason, String) {
        let negatives = pairs.filter { $0.0.kind == .negative }
        let gone = negatives.filter { $0.1 == .absent }.map(\.0.mount)
        let there = negatives.filter { if case .present = $0.1 { true } else { false } }.map(\.0.mount)
        if gone.isEmpty { return (.notErased, "the root was not erased") }
        return (
            .partlyErased, "\(there.joined(separator: ", ")) was not erased, " + "\(gone.joined(separator: ", ")) was"
        )
    }

    /// What became of persistent storage whose canary is not there as it was.
    private var lossOfStorage: (AttemptReason, String) {
        let mounted = Set(evidence.after.mounts.map(\.mountPoint))
        for (canary, reading) in pairs where canary.kind == .positive {
            let place = BytePath(canary.mount)
            switch reading {
            case .absent where mounted.isEmpty: return (.stateLost, "what was on \(canary.mount) is gone")
            case .absent where mounted.contains(place), .present(_, place):
                if case .present(canary.token, _) = reading { continue }
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
                case .present(_, let mount) where mount != BytePath(canary.mount):
                    note(.bad, "positive canary of \(canary.mount) lies on \(mount.printable)")
                case .present(let token, _) where token != canary.token: note(.bad, "\(name) is another one")
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
        switch observed {
        case .overlay, .tmpfs: return note(.good, "the root's writes live in memory (\(name))")
        case .zfs, .btrfs, .mkfs:
            guard let old = evidence.before.rootIdentity, let new = evidence.after.rootIdentity else {
                return note(.unknown, "the \(name) root's mark could not be compared")
            }
            if old == new { return note(.bad, "the \(name) root bears the same mark as before") }
            return note(.good, "the \(name) root is a new one")
        case .none: return .bad
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
    /// Whether anything is declared that a boot must keep.
    package var keepsNothing: Bool
    /// Questions of the proof that were not answered.
    package var gaps: [ProbeGap]

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
