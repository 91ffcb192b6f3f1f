package import FoundationEssentials

/// Everything that is known of one host and that compliance rests on.
///
/// Each fact names the rows of evidence behind it. What is not known is `nil` or empty, and is never
/// taken for good.
package struct ComplianceFacts: Hashable, Sendable, Codable {
    package let host: HostName
    /// Why what is stored of the host cannot be read, in one sentence; then nothing of it counts.
    package var damage: String?
    /// The newest observation that was read, whether or not the host answered.
    package var observation: Observation?
    /// The newest observation from which drift was judged.
    package var judgement: Observation?
    /// The newest complete observation from which drift was judged.
    package var completeJudgement: Observation?
    /// The newest boot that was seen.
    package var lastBoot: Boot?
    /// The newest boot that was proven.
    package var provenBoot: Boot?
    /// What is not known to be gone and would be lost, by verdict and first sighting.
    package var atRisk: [AtRisk] = []
    /// Some of those paths, `leaked` and oldest first.
    package var paths: [Path] = []
    /// What was found of each declared path when drift was judged last.
    package var declared: [DeclaredFinding] = []
    /// Digest of the persistence set in force, lower-case hexadecimal.
    package var persistenceDigest: String?
    /// What the blank was recognised by, the most recently seen first.
    package var blanks: [Blank] = []
    /// What the blank was when a person last confirmed it, at onboarding; `nil`: never.
    package var recordedBlank: String?
    /// Whether the blank's content is as it was taken, in the newest observation; `nil`: not known.
    package var blankState: BlankState?
    /// The newest snapshot of each dataset that is backed up; `nil`: not asked, or no answer.
    package var safeSnapshots: [SafeDataset]?
    /// What the boot would do if the root could not be erased; `nil`: not known.
    package var eraseGuard: EraseGuard?
    /// Stop flags that held then, of the whole fleet, of groups and of hosts; the newest first.
    package var stops: [Stop] = []

    /// How many paths have the verdict, whenever they were first seen.
    package func count(of verdict: PathVerdict) -> Int {
        atRisk.lazy.filter { $0.verdict == verdict }.map(\.count).clampedSum
    }

    /// How many bytes would be lost, as far as sizes are known.
    package var bytesAtRisk: Int64 { atRisk.lazy.map(\.bytes).clampedSum }
}

extension ComplianceFacts {
    /// A host of which nothing is known.
    package init(host: HostName, stops: [Stop] = []) { self.init(host: host, damage: nil, stops: stops) }

    /// One observation of the host, or what was concluded from it.
    package struct Observation: Hashable, Sendable, Codable {
        package let at: Date
        package let isReachable: Bool
        package let isComplete: Bool
        /// How the root is erased, by what the mounts show.
        package let strategy: Strategy?
        /// Row of the evidence chain.
        package let evidence: Int64
        /// Why it is not complete, one sentence each.
        package let gaps: [String]

        package init(
            at: Date, isReachable: Bool = true, isComplete: Bool, strategy: Strategy? = nil, evidence: Int64,
            gaps: [String] = []
        ) {
            (self.at, self.isReachable, self.isComplete, self.strategy) = (at, isReachable, isComplete, strategy)
            (self.evidence, self.gaps) = (evidence, gaps)
        }
    }

    /// One boot of the host.
    package struct Boot: Hashable, Sendable, Codable {
        package let bootID: BootID
        /// When it was first seen.
        package let firstSeen: Date
        /// When its verdict was reached; `nil`: it was not judged.
        package let judgedAt: Date?
        package let verdict: BootVerdict?
        /// The boot that it followed, where Ebb ordered it.
        package let previous: BootID?
        /// Row of the evidence chain.
        package let evidence: Int64?

        package init(
            bootID: BootID, firstSeen: Date, judgedAt: Date? = nil, verdict: BootVerdict? = nil,
            previous: BootID? = nil, evidence: Int64? = nil
        ) {
            (self.bootID, self.firstSeen, self.judgedAt, self.verdict) = (bootID, firstSeen, judgedAt, verdict)
            (self.previous, self.evidence) = (previous, evidence)
        }
    }

    /// How many paths of one verdict were first seen at one time.
    package struct AtRisk: Hashable, Sendable, Codable {
        package let verdict: PathVerdict
        package let firstSeen: Date
        package let count: Int
        /// Bytes, as far as sizes are known.
        package let bytes: Int64

        package init(verdict: PathVerdict, firstSeen: Date, count: Int, bytes: Int64 = 0) {
            (self.verdict, self.firstSeen, self.count, self.bytes) = (verdict, firstSeen, count, bytes)
        }
    }

    /// One path that would be lost.
    package struct Path: Hashable, Sendable, Codable {
        package let path: BytePath
        package let kind: FileKind
        package let verdict: PathVerdict
        package let stateClass: StateClass
        package let size: Int64?
        package let firstSeen: Date
        package let reason: String
        package let suggestion: String?

        package init(
            path: BytePath, kind: FileKind, verdict: PathVerdict, stateClass: StateClass, size: Int64?, firstSeen: Date,
            reason: String, suggestion: String? = nil
        ) {
            (self.path, self.kind, self.verdict, self.stateClass, self.size) = (path, kind, verdict, stateClass, size)
            (self.firstSeen, self.reason, self.suggestion) = (firstSeen, reason, suggestion)
        }
    }

    /// One identity of the blank.
    package struct Blank: Hashable, Sendable, Codable {
        package let identity: String
        package let firstSeen: Date
        package let lastSeen: Date

        package init(identity: String, firstSeen: Date, lastSeen: Date) {
            (self.identity, self.firstSeen, self.lastSeen) = (identity, firstSeen, lastSeen)
        }
    }

    /// A stop flag that held.
    package struct Stop: Hashable, Sendable, Codable {
        package let flag: StopFlag
        /// Row of the evidence chain.
        package let evidence: Int64?

        package init(flag: StopFlag, evidence: Int64? = nil) { (self.flag, self.evidence) = (flag, evidence) }
    }
}
