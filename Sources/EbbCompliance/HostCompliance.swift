package import EbbModel

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

    package init(
        host: HostName, groups: [String], controls: [ControlResult], facts: ComplianceFacts,
        waiverProblems: [String] = []
    ) {
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
    package var isFinding: Bool {
        switch self {
        case .nonCompliant, .error: true
        case .compliant, .stale, .unreachable, .unknown, .waived, .notApplicable: false
        }
    }

    /// Whether it says that the evidence does not answer.
    package var isUndecided: Bool {
        switch self {
        case .stale, .unreachable, .unknown: true
        case .compliant, .nonCompliant, .waived, .notApplicable, .error: false
        }
    }

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
