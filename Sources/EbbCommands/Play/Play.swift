import EbbEngine
import EbbInventory
import EbbModel
import EbbStore
import FoundationEssentials

/// Performs a playbook: decides which hosts each step is for, and what a failure means for the rest.
struct Play: Sendable {
    let book: Playbook
    let fleet: Fleet
    let options: GlobalOptions
    let aborts: AbortSwitch
    let isCheck: Bool
    /// Whether printed reports are kept for a document instead of being printed.
    let storesTexts: Bool

    func run() async throws -> PlayReport {
        var report = PlayReport(name: book.name, isCheck: isCheck)
        var hosts = fleet.selected
        var stopper: String?
        var rollout: RolloutID?
        for (index, step) in book.steps.enumerated() {
            var result = PlayReport.Step(name: step.name, action: step.action.word)
            let isReport = step.action.word == "report"
            if aborts.isThrown, !isReport {
                result.notRun = "interrupted"
            } else if let stopper, !isReport {
                result.notRun = "“\(stopper)” failed"
            } else if hosts.isEmpty, !isReport {
                result.notRun = "no host is left"
            } else {
                options.notes.note(
                    "step \(index + 1) of \(book.steps.count), \(step.name)"
                        + (isReport ? "" : ": \(hosts.count) host(s)"))
                try await perform(step, on: hosts, into: &result, &rollout)
            }
            // A report is written whatever happened before: it is what tells of it.
            let unwell = result.hosts.filter { !$0.isWell }
            for host in unwell {
                options.notes.warning("\(host.host): \(host.outcome.rawValue): \(host.message)")
            }
            if !unwell.isEmpty {
                switch step.onFailure {
                case .stop: stopper = stopper ?? step.name
                case .leaveOut:
                    let gone = Set(unwell.map(\.host))
                    hosts.removeAll { gone.contains($0.host) }
                case .goOn: break
                }
            }
            report.steps.append(result)
        }
        report.wasStopped = stopper != nil
        return report
    }

    private func perform(
        _ step: Playbook.Step, on hosts: [HostSettings], into result: inout PlayReport.Step,
        _ rollout: inout RolloutID?
    ) async throws {
        switch step.action {
        case .drift(let gate):
            result.hosts = try await PlayDrift(fleet: fleet, options: options, gate: gate)
                .run(hosts)
        case .run(let command):
            result.hosts = try await PlayRun(
                fleet: fleet, options: options, command: command, isCheck: isCheck
            ).run(hosts)
        case .reboot(let reboot):
            let done = try await PlayReboot(
                fleet: fleet, options: options, step: reboot, isCheck: isCheck
            ).run(hosts)
            result.hosts = done.hosts
            rollout = done.rollout ?? rollout
        case .verify:
            result.hosts = try await PlayVerify(fleet: fleet, options: options).run(hosts)
        case .onboard(let phase):
            result.hosts = try await PlayOnboard(
                options: options, phase: phase, isCheck: isCheck
            ).run(hosts)
        case .report(let settings):
            try await PlayWriting(
                fleet: fleet, options: options, report: settings, rollout: rollout,
                storesTexts: storesTexts
            ).run(into: &result)
        }
    }
}
