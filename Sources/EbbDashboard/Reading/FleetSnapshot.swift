package import EbbCompliance
package import EbbModel
package import EbbPlan
package import EbbStore
package import FoundationEssentials

/// What is known of the whole fleet at one moment; every page of the fleet is made from one.
package struct FleetSnapshot: Sendable {
    /// One host of the inventory, or one that the store remembers.
    package struct Host: Sendable {
        package let name: HostName
        /// `nil`: the inventory no longer has the host.
        package let settings: HostSettings?
        package let compliance: HostCompliance
        /// The window that is open or opens next; `nil`: none is declared.
        package let opening: Opening?

        package init(name: HostName, settings: HostSettings?, compliance: HostCompliance, opening: Opening?) {
            (self.name, self.settings, self.compliance, self.opening) = (name, settings, compliance, opening)
        }

        /// What the judgement rests on.
        package var facts: ComplianceFacts { compliance.facts }
    }

    package let readAt: Date
    /// By name.
    package let hosts: [Host]
    /// Attempts that wait for evidence or for a person.
    package let undecided: [StoredAttempt]
    /// The newest rollouts, the newest first.
    package let rollouts: [StoredRollout]
    /// Stop flags in force.
    package let flags: [StoredStopFlag]
    /// Windows of the last week that passed without anybody starting what was due in them.
    package let missed: [ScheduleSlot]
    /// All hosts added up.
    let tally: FleetTally

    package init(
        readAt: Date, hosts: [Host], undecided: [StoredAttempt] = [], rollouts: [StoredRollout] = [],
        flags: [StoredStopFlag] = [], missed: [ScheduleSlot] = []
    ) {
        (self.missed, self.readAt, self.hosts) = (missed, readAt, hosts)
        tally = FleetTally(hosts)
        (self.undecided, self.rollouts, self.flags) = (undecided, rollouts, flags)
    }

    /// One host by its name.
    package func host(_ name: HostName) -> Host? {
        var range = hosts.indices
        while let first = range.first, let last = range.last {
            let middle = first + (last - first) / 2
            if hosts[middle].name == name { return hosts[middle] }
            range = hosts[middle].name < name ? middle + 1..<range.upperBound : first..<middle
        }
        return nil
    }

    /// How many hosts have each verdict; those that no host has are left out.
    package var verdicts: [(verdict: ComplianceVerdict, count: Int)] {
        ComplianceVerdict.allCases.compactMap { verdict in tally.verdicts[verdict].map { (verdict, $0) } }
    }
}
