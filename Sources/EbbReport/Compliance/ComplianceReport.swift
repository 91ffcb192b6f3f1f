package import EbbCompliance
package import EbbModel
package import FoundationEssentials

/// What a fleet's compliance is at one time, ready to be written in any format.
package struct ComplianceReport: Sendable, Hashable {
    /// The version of the machine formats; it only ever gains fields.
    package static let schema = "ebb.compliance/1"

    /// What makes the report checkable later.
    package struct Provenance: Sendable, Hashable {
        package let toolVersion: String
        /// SHA-256 of the inventory that was read, lower-case hexadecimal.
        package var inventoryHash: String?
        /// SHA-256 of the policies that were applied, lower-case hexadecimal.
        package var policyHash: String?
        /// How many rows the evidence chain had.
        package var chainLength: Int
        /// The hash of its last row, lower-case hexadecimal.
        package var chainHead: String

        package init(
            toolVersion: String, inventoryHash: String? = nil, policyHash: String? = nil, chainLength: Int,
            chainHead: String
        ) {
            (self.toolVersion, self.inventoryHash, self.policyHash) = (toolVersion, inventoryHash, policyHash)
            (self.chainLength, self.chainHead) = (chainLength, chainHead)
        }
    }

    /// The fleet's paths at risk on one day.
    package struct TrendPoint: Sendable, Hashable {
        package let at: Date
        package let unexplained: Int
        package let leaked: Int

        package init(at: Date, unexplained: Int, leaked: Int) {
            (self.at, self.unexplained, self.leaked) = (at, unexplained, leaked)
        }
    }

    package let generatedAt: Date
    /// The time as of which hosts were judged; `generatedAt` unless the past was asked for.
    package let asOf: Date
    /// The beginning of the period that `trend` covers, where one was asked for.
    package let periodStart: Date?
    package let provenance: Provenance
    /// In the order in which the fleet was selected.
    package let hosts: [HostCompliance]
    /// Oldest first; may be empty.
    package let trend: [TrendPoint]

    package init(
        generatedAt: Date, asOf: Date? = nil, periodStart: Date? = nil, provenance: Provenance, hosts: [HostCompliance],
        trend: [TrendPoint] = []
    ) {
        self.generatedAt = generatedAt
        self.asOf = asOf ?? generatedAt
        (self.periodStart, self.provenance, self.hosts, self.trend) = (periodStart, provenance, hosts, trend)
    }

    /// How many hosts have the verdict; together they are all hosts.
    package func count(of verdict: ComplianceVerdict) -> Int { hosts.filter { $0.verdict == verdict }.count }

    /// What the command that made the report must end with.
    package var exitStatus: ExitStatus { hosts.reduce(.success) { $0.merged(with: $1.exitStatus) } }
}

extension HostCompliance {
    /// The result of one control.
    func result(of control: Control) -> ControlResult? { controls.first { $0.control == control } }

    /// Seconds since the last proven boot; `nil`: none was ever proven.
    func provenAge(at now: Date) -> Int? { facts.provenBoot?.judgedAt.map { Int(max(0, now.timeIntervalSince($0))) } }

    /// The controls that are not well, waived ones among them.
    var unmet: [ControlResult] { controls.filter { $0.verdict != .compliant && $0.verdict != .notApplicable } }

    /// How many paths at risk the facts do not name.
    var pathsOmitted: Int {
        max(0, facts.count(of: .leaked).addingClamped(facts.count(of: .unexplained)) - facts.paths.count)
    }

    /// Declared paths that are not in effect, or could not be checked.
    var declaredTroubles: [DeclaredFinding] { facts.declared.filter { $0.verdict != .inEffect } }
}

extension ComplianceFacts.Path {
    /// The control that the path fails.
    var control: Control { verdict == .leaked ? .leakedState : .unexplainedState }
}
