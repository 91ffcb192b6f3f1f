/// The closed list of what a compliance report may say of a host.
package enum ComplianceVerdict: String, Sendable, Codable, CaseIterable {
    case compliant
    case nonCompliant = "non-compliant"
    /// The evidence is older than the policy allows.
    case stale
    case unreachable
    /// The evidence does not answer the question.
    case unknown
    /// A person waived the control, with a reason and an expiry.
    case waived
    case notApplicable = "not-applicable"
    /// Ebb itself failed while judging.
    case error
}
