package import ArgumentParser
import EbbEngine
import EbbLocal
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb schedule run-due`: one reading of the schedules, for cron or a systemd timer.
package struct ScheduleRunDueCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run-due", abstract: "Starts what is due now, and waits for its end.",
        discussion: """
            Meant for cron or a systemd timer, every few minutes; several at once do no harm. A \
            window is taken once: what a crash left is resumed from the journal, a window that \
            passed meanwhile is reported, and no host is rebooted twice in one window.

            Exit status 3 when a host is not proven or a window was missed, 4 when an end is not \
            known, such as that of a rollout that cannot be resumed.
            """
    ).example("ebb schedule run-due")

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: "all")
        let store = try await fleet.store()
        let notes = options.notes
        let aborts = await Interrupts.trap(notes: notes)
        let outcome = try await Notifier.lend(fleet.settings, notes: notes) { post in
            let driver = try await fleet.driver(aborts: aborts, RolloutWatcher(notes: notes, post: post))
            return try await ScheduleTurn(driver, notes: notes, post: post).take()
        }
        await fleet.shutdown()
        if let other = outcome.waitsFor {
            notes.note("rollout \(other.value) is under way in another process; nothing to do")
        }
        var status = outcome.exitStatus
        if aborts.isThrown { status = status.merged(with: .interrupted) }
        var reports: [RolloutReport] = []
        for rollout in outcome.rollouts {
            let report = try await store.rolloutReport(rollout, countsWithheld: false)
            status = status.merged(with: report.exitStatus)
            reports.append(report)
        }
        switch format {
        case .json:
            try options.results.write([
                "schema": "ebb.schedule.run/1", "generatedAt": .string(JSONText.instant(Date())),
                "missed": .strings(outcome.missed),
                "failed": .array(
                    outcome.failed.map { ["rollout": .integer($0.rollout.value), "message": .string($0.message)] }),
                "waitsFor": .optional(outcome.waitsFor) { .integer($0.value) }, "rollouts": .array(reports.map(\.json)),
                "withheld": .array(
                    outcome.withheld.map { ["host": .string($0.host.text), "reason": .string($0.reason)] }),
            ])
        default:
            let results = options.results
            let width = results.width
            let text = reports.map { $0.text(width: width, color: results.isColored) }
            try results.write(
                text.isEmpty && outcome.failed.isEmpty ? "nothing was due\n" : text.joined(separator: "\n"))
        }
        try status.leave()
    }
}
