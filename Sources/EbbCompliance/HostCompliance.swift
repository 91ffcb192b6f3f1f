package import EbbModel
package import FoundationEssentials

/// What compliance says of one host at one time.
package struct HostCompliance: Hashable, Sendable, Codable {
    package let host: HostName
    package let groups: [String]
    package let verdict: ComplianceVerdict
    /// One result per control, in the order of `Control`.
    package let controls: [ControlResult]
    /// What it was judged from.
    package let facts: ComplianceFacts
    /// Waivers that do nothing, one sentence each: expired or unreadable.
    package let waiverProblems: [String]

    /// The results whose verdict a reader must act on.
    package var findings: [ControlResult] { controls.filter { $0.verdict.isFinding || $0.verdict.isUndecided } }

    /// What a command that reports this host must end with.
    package var exitStatus: ExitStatus {
        controls.reduce(.success) { status, result in status.merged(with: result.verdict.exitStatus) }
    }

    init(host: HostName, groups: [String], controls: [ControlResult], facts: ComplianceFacts, waiverProblems: [String])
    {
        (self.host, self.groups, self.controls, self.facts) = (host, groups, controls, facts)
        self.waiverProblems = waiverProblems
        verdict = ComplianceVerdict.overall(of: controls.map(\.verdict))
    }
}

extension ComplianceVerdict {
    /// The verdict of a whole from those of its parts: the first that any part has.
    ///
    /// What is disproved comes before what is not known, and a waiver is never hidden behind
    /// what is well. A whole without parts is `unknown`.
    package static func overall(of parts: [ComplianceVerdict]) -> ComplianceVerdict {
        let order: [ComplianceVerdict] = [
            .error, .nonCompliant, .unreachable, .unknown, .stale, .waived, .compliant, .notApplicable,
        ]
        return order.first { parts.contains($0) } ?? .unknown
    }

    /// Whether it says that something is wrong.
    package var isFinding: Bool { self == .nonCompliant || self == .error }

    /// Whether it says that the evidence does not answer.
    package var isUndecided: Bool { self == .stale || self == .unreachable || self == .unknown }

    /// What a command that reports this verdict must end with.
    package var exitStatus: ExitStatus {
        switch self {
        case .compliant, .waived, .notApplicable: .success
        case .nonCompliant: .findings
        case .stale, .unreachable, .unknown: .incomplete
        case .error: .toolFailure
        }
    }
}

/// What one control says of one host.
package struct ControlResult: Hashable, Sendable, Codable {
    package let control: Control
    package private(set) var verdict: ComplianceVerdict
    /// Why, in one sentence; may hold text of the host, so print it escaped.
    package let sentence: String
    /// When the evidence is from; `nil`: there is none.
    package let evidenceAt: Date?
    /// Rows of the evidence chain.
    package let evidence: [Int64]
    /// The waiver that stands between the finding and the verdict.
    package private(set) var waiver: Waiver?
    /// What the evidence says without the waiver; equal to `verdict` where there is none.
    package let finding: ComplianceVerdict

    init(
        _ control: Control, _ verdict: ComplianceVerdict, _ sentence: String, evidenceAt: Date? = nil,
        evidence: [Int64] = []
    ) {
        (self.control, self.verdict, self.sentence, self.evidenceAt) = (control, verdict, sentence, evidenceAt)
        (self.evidence, finding) = (evidence, verdict)
    }

    /// The same finding with a person's waiver over it.
    func waived(by waiver: Waiver) -> ControlResult {
        var result = self
        (result.verdict, result.waiver) = (.waived, waiver)
        return result
    }

    /// How old the evidence is, in seconds; `nil`: there is none.
    package func evidenceAge(at now: Date) -> Double? { evidenceAt.map { now.timeIntervalSince($0) } }
}
