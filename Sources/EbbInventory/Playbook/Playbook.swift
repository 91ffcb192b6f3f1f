/// Steps for a choice of hosts, one after the other.
package struct Playbook: Sendable {
    /// What the playbook is for, in a line.
    package let name: String
    /// Which hosts, as an inventory pattern; always written out.
    package let hosts: String
    package let steps: [Step]

    /// Whether any step changes hosts, so that a person must have meant it.
    package var changesHosts: Bool { steps.contains { $0.action.changesHosts } }

    /// One step.
    package struct Step: Sendable {
        /// What the step is called in output.
        package let name: String
        package let action: Action
        /// What happens to the rest when it fails.
        package let onFailure: OnFailure
        package let location: SourceLocation
    }

    /// What a failed step means for those after it.
    package enum OnFailure: String, Sendable, CaseIterable {
        /// Nothing more is started, for any host.
        case stop
        /// The hosts that failed are left out of the rest.
        case leaveOut = "leave_out"
        /// Every host goes on; the exit status still shows the failure.
        case goOn = "go_on"
    }
}
