package import EbbInventory
package import EbbModel
package import EbbReport
package import EbbStore

/// Performs a playbook: decides which hosts each step is for, and what a failure means for the rest.
package struct Play: Sendable {
    /// What a step needs of the process that runs it.
    package struct Surroundings: Sendable {
        package let notes: Notes
        /// Words that lead another `ebb` to the same inventory and database.
        package let arguments: [String]
        /// Told of the rollouts: runs its body with a driver that has somebody to tell.
        package let rollout: @Sendable (@Sendable (RolloutDriver) async throws -> RolloutID) async throws -> RolloutID
        /// Writes a report; what is not printed or written comes back as text.
        package let report: @Sendable (Playbook.Report, RolloutID?) async throws -> (text: String?, ExitStatus)

        package init(
            notes: Notes, arguments: [String],
            rollout:
                @escaping @Sendable (@Sendable (RolloutDriver) async throws -> RolloutID) async throws -> RolloutID,
            report: @escaping @Sendable (Playbook.Report, RolloutID?) async throws -> (text: String?, ExitStatus)
        ) { (self.notes, self.arguments, self.rollout, self.report) = (notes, arguments, rollout, report) }
    }

    let book: Playbook
    /// What plans are made with; what it starts is told to nobody.
    let driver: RolloutDriver
    let isCheck: Bool
    let surroundings: Surroundings

    package init(_ book: Playbook, _ driver: RolloutDriver, isCheck: Bool, _ surroundings: Surroundings) {
        (self.book, self.driver, self.isCheck, self.surroundings) = (book, driver, isCheck, surroundings)
    }

    var engine: Engine { driver.engine }

    /// Performs the steps on these hosts, one after the other.
    package func run(on selected: [HostSettings]) async throws -> PlayReport {
        var report = PlayReport(name: book.name, isCheck: isCheck)
        var hosts = selected
        var stopper: String?
        var rollout: RolloutID?
        for (index, step) in book.steps.enumerated() {
            var result = PlayReport.Step(name: step.name, action: step.action.word)
            let isReport = step.action.word == "report"
            // A report is written whatever happened before: it is what tells of it.
            if let stopper, !isReport {
                result.notRun = "“\(stopper)” failed"
            } else if driver.aborts.isThrown, !isReport {
                result.notRun = "interrupted"
                report.isInterrupted = true
            } else if hosts.isEmpty, !isReport {
                result.notRun = "no host is left"
            } else {
                surroundings.notes.note(
                    "step \(index + 1) of \(book.steps.count), \(step.name)"
                        + (isReport ? "" : ": " + Counted.text(hosts.count, "host")))
                try await perform(step, on: hosts, into: &result, &rollout)
            }
            let unwell = result.hosts.filter { !$0.isWell }
            for host in unwell { surroundings.notes.warning("\(host.host): \(host.outcome.rawValue): \(host.message)") }
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
        report.wasStopped = stopper != nil || report.isInterrupted
        return report
    }

    private func perform(
        _ step: Playbook.Step, on hosts: [HostSettings], into result: inout PlayReport.Step, _ rollout: inout RolloutID?
    ) async throws {
        switch step.action {
        case .drift(let gate): result.hosts = await drift(gate, hosts)
        case .run(let command): result.hosts = await run(command, hosts)
        case .reboot(let reboot):
            let done = try await self.reboot(reboot, hosts)
            result.hosts = done.hosts
            rollout = done.rollout ?? rollout
        case .verify: result.hosts = await verify(hosts)
        case .onboard(let phase): result.hosts = await onboard(phase, hosts)
        case .report(let settings): (result.text, result.status) = try await surroundings.report(settings, rollout)
        }
    }
}
