package import EbbModel

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

extension Playbook {
    /// What a step does.
    package enum Action: Sendable, Hashable {
        case drift(DriftGate)
        case run(Command)
        case reboot(Reboot)
        case verify
        case onboard(OnboardPhase)
        case report(Report)

        /// Whether hosts may be different afterwards.
        package var changesHosts: Bool {
            switch self {
            case .drift, .verify, .report: false
            case .run(let command): command.place == .hosts && !command.isReadOnly
            case .reboot: true
            case .onboard(let phase): phase != .plan
            }
        }

        /// The key that names the action in a playbook.
        package var word: String {
            switch self {
            case .drift: "drift"
            case .run: "run"
            case .reboot: "reboot"
            case .verify: "verify"
            case .onboard: "onboard"
            case .report: "report"
            }
        }
    }

    /// An observation of what the next boot would erase; hosts that would lose something are left out.
    package struct DriftGate: Sendable, Hashable {
        /// The verdicts that fail a host.
        package var failOn: Set<PathVerdict> = [.leaked, .unexplained]
        /// How many such paths may pass.
        package var tolerated = 0
        /// How old a stored observation may be to do instead, in seconds; `nil`: none does.
        package var maxAge: Int?
    }

    /// A command of the user's own.
    package struct Command: Sendable, Hashable {
        /// Where a command runs.
        package enum Place: String, Sendable, CaseIterable { case hosts, controller }

        /// A line for `sh -c`.
        package var line = ""
        package var place = Place.hosts
        /// Whether its author says that it changes nothing, so that `--check` may run it.
        package var isReadOnly = false
        /// In seconds.
        package var timeout = 300
    }

    /// A rolling reboot; what is `nil` is as the inventory says.
    package struct Reboot: Sendable, Hashable {
        package var waves: [RebootSettings.Count]?
        package var maxUnavailable: RebootSettings.Count?
        package var failureBudget: Int?
        /// In seconds.
        package var soak: Int?
        /// Whether hosts are rebooted although something unexplained would be lost.
        package var acceptsLoss = false
        /// Hosts whose last proven boot is younger than this are left out, in seconds.
        package var onlyIfOlderThan: Int?
    }

    /// How far onboarding goes.
    package enum OnboardPhase: String, Sendable, CaseIterable { case plan, apply, rollback }

    /// What is written down at the end.
    package struct Report: Sendable, Hashable {
        /// What is reported.
        package enum Kind: String, Sendable, CaseIterable { case drift, reboot, compliance }

        package var kind = Kind.compliance
        /// A format of the verb behind it, such as `json`.
        package var format = "table"
        /// A file on the controller; `nil`: standard output.
        package var output: String?
    }
}
