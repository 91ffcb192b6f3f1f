package import EbbModel
package import FoundationEssentials

/// What one control says of one host.
package struct ControlResult: Hashable, Sendable, Codable {
    package let control: Control
    package let verdict: ComplianceVerdict
    /// Why, in one sentence; may hold text of the host, so print it escaped.
    package let sentence: String
    /// When the evidence is from; `nil`: there is none.
    package let evidenceAt: Date?
    /// Rows of the evidence chain.
    package let evidence: [Int64]
    /// The waiver that stands between the finding and the verdict.
    package let waiver: Waiver?
    /// What the evidence says without the waiver; equal to `verdict` where there is none.
    package let finding: ComplianceVerdict

    package init(
        _ control: Control, _ verdict: ComplianceVerdict, _ sentence: String, evidenceAt: Date? = nil,
        evidence: [Int64] = []
    ) {
        self.init(
            control: control, verdict: verdict, sentence: sentence, evidenceAt: evidenceAt, evidence: evidence,
            waiver: nil, finding: verdict)
    }

    private init(
        control: Control, verdict: ComplianceVerdict, sentence: String, evidenceAt: Date?, evidence: [Int64],
        waiver: Waiver?, finding: ComplianceVerdict
    ) {
        (self.control, self.verdict, self.sentence, self.evidenceAt) = (control, verdict, sentence, evidenceAt)
        (self.evidence, self.waiver, self.finding) = (evidence, waiver, finding)
    }

    /// The same finding with a person's waiver over it.
    package func waived(by waiver: Waiver) -> ControlResult {
        ControlResult(
            control: control, verdict: .waived, sentence: sentence, evidenceAt: evidenceAt, evidence: evidence,
            waiver: waiver, finding: finding)
    }

    /// How old the evidence is, in seconds; `nil`: there is none.
    package func evidenceAge(at now: Date) -> Double? { evidenceAt.map { now.timeIntervalSince($0) } }
}
