import ArgumentParser
import EbbEngine
import EbbLocal
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb schedule`: reboots that come by themselves, in the hosts' windows.
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Shows scheduled reboots and starts those that are due.",
        discussion: """
            A host is scheduled where the inventory gives it a window and says \
            `reboot: {scheduled: true}`; a window alone only says when it may be rebooted.
            """, subcommands: [ScheduleListCommand.self, ScheduleNextCommand.self, ScheduleRunDueCommand.self]
    ).example("ebb schedule list")
}

/// `ebb schedule list`: every window of the inventory, and what became of the last one.
struct ScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows every schedule, its last window and its next.",
        discussion: "Asks no host and writes nothing."
    ).example("ebb schedule list")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: "all")
        let now = Date()
        let book = try await ScheduleBook.read(fleet.all, try await fleet.store(.readIfThere), at: now)
        let idle = try Schedule.schedules(of: fleet.all.filter { !$0.reboot.isScheduled })
        let document: JSON = [
            "schema": "ebb.schedule/1", "generatedAt": .string(JSONText.instant(now)),
            "schedules": .array(book.pages.map(\.json) + idle.map { Self.idle($0, at: now) }),
        ]
        try options.results.write(as: format, json: document, table: Self.table(book, idle, at: now))
        if book.pages.isEmpty, idle.isEmpty {
            options.notes.note("no host has a window; set reboot.window and reboot.scheduled (docs/inventory.md)")
        }
    }

    private static func table(_ book: ScheduleBook, _ idle: [Schedule], at now: Date) -> TextTable {
        var table = TextTable([
            .init("WINDOW", shrinks: true), .init("HOSTS", shrinks: true), .init("NOW"), .init("LAST"), .init("NEXT"),
        ])
        for page in book.pages {
            let last = page.slots.last
            table.add([
                .init(page.schedule.name, .emphasis), .init(names(page.schedule)), page.standing.shown,
                .init(
                    last.map { "\($0.state.rawValue) \(UTCText.minute($0.opensAt))" } ?? "",
                    last?.state == .missed ? .warning : .plain),
                .init(page.review.next.map { UTCText.minute($0.start) } ?? "never"),
            ])
        }
        for schedule in idle {
            let next = schedule.calendar.openings(after: now, count: 1).first
            table.add([
                .init(schedule.name), .init(names(schedule)), .init("not scheduled", .muted), .init(""),
                .init(next.map { UTCText.minute($0.start) } ?? "never", .muted),
            ])
        }
        return table
    }

    private static func names(_ schedule: Schedule) -> String {
        let shown = schedule.hosts.prefix(5).map(\.text).joined(separator: ", ")
        let rest = schedule.hosts.count - 5
        return rest > 0 ? "\(shown) and \(rest) more" : shown
    }

    private static func idle(_ schedule: Schedule, at now: Date) -> JSON {
        let next = schedule.calendar.openings(after: now, count: 1).first
        return [
            "name": .string(schedule.name), "hosts": .strings(schedule.hosts.map(\.text)), "scheduled": .bool(false),
            "state": "not-scheduled", "nextOpensAt": .optional(next) { .string(JSONText.instant($0.start)) },
            "windows": .array([]),
        ]
    }
}

extension ScheduleBook.Page {
    /// Where the schedule stands, for programs and for a person.
    fileprivate var standing: (word: String, shown: TextTable.Cell) {
        if review.underWay != nil { return ("under-way", .init("under way", .emphasis)) }
        if !review.interrupted.isEmpty { return ("interrupted", .init("interrupted", .warning)) }
        if review.due != nil { return ("due", .init("due", .emphasis)) }
        return review.taken != nil ? ("taken", .init("open, taken")) : ("closed", .init("closed"))
    }

    fileprivate var json: JSON {
        [
            "name": .string(schedule.name), "hosts": .strings(schedule.hosts.map(\.text)), "scheduled": .bool(true),
            "state": .string(standing.word),
            "nextOpensAt": .optional(review.next) { .string(JSONText.instant($0.start)) },
            "windows": .array(
                slots.suffix(50).map { slot in
                    [
                        "opensAt": .string(JSONText.instant(slot.opensAt)), "state": .string(slot.state.rawValue),
                        "recordedAt": .string(JSONText.instant(slot.recordedAt)),
                        "rollout": .optional(slot.run) { .integer($0) },
                    ]
                }),
        ]
    }
}

/// `ebb schedule next`: when hosts' windows open next, in UTC.
struct ScheduleNextCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Shows when windows open next, in UTC.",
        discussion: """
            A window starts by the wall clock of its zone and lasts as long in every night of the \
            year. A start that the clocks jump over is the moment of the jump; one that comes twice \
            is the first of the two.
            """
    ).example("ebb schedule next web --count 3")

    @Option(help: "How many openings of each.") var count = 5

    @OptionGroup var chosen: ChosenHosts

    mutating func validate() throws {
        guard (1...100).contains(count) else {
            throw ValidationError("--count wants a number from 1 to 100, not \(count).")
        }
    }

    func run() async throws {
        let (format, fleet) = try await open()
        let now = Date()
        let times = try await RebootTimes.usual(fleet.selected, in: try await fleet.store(.readIfThere))
        let schedules = try Schedule.schedules(of: fleet.selected)
        let document: JSON = [
            "schema": "ebb.schedule.next/1", "generatedAt": .string(JSONText.instant(now)),
            "schedules": .array(
                schedules.map { schedule in
                    [
                        "name": .string(schedule.name), "hosts": .strings(schedule.hosts.map(\.text)),
                        "openings": .array(schedule.calendar.openings(after: now, count: count).map(Self.json)),
                    ]
                }),
        ]
        try options.results.write(as: format, json: document, table: table(schedules, fleet, times, now))
        let without = fleet.selected.count { $0.reboot.windows.isEmpty }
        if without > 0 {
            options.notes.note(
                "\(Counted.text(without, "host")) \(without == 1 ? "has no window: it" : "have no window: they") "
                    + "may be rebooted at any time")
        }
    }

    private func table(_ schedules: [Schedule], _ fleet: Fleet, _ times: [HostName: Int], _ now: Date) -> TextTable {
        var table = TextTable([
            .init("WINDOW", shrinks: true), .init("OPENS"), .init("CLOSES"), .init("LAST START"),
            .init("HOSTS", shrinks: true),
        ])
        for schedule in schedules {
            let members = fleet.selected.filter { schedule.hosts.contains($0.host) }
            // The slowest host closes the door first.
            let longest = members.map { times[$0.host] ?? $0.reboot.timeout + $0.reboot.soak }.max()
            for opening in schedule.calendar.openings(after: now, count: count) {
                let latest = opening.latestStart(taking: longest ?? 0)
                table.add([
                    .init(schedule.name), .init(UTCText.minute(opening.start), .emphasis),
                    .init(UTCText.minute(opening.end)),
                    .init(latest.map(UTCText.minute) ?? "too short", latest == nil ? .warning : .plain),
                    .init(schedule.hosts.map(\.text).joined(separator: ", ")),
                ])
            }
        }
        return table
    }

    private static func json(_ opening: Opening) -> JSON {
        [
            "opensAt": .string(JSONText.instant(opening.start)), "closesAt": .string(JSONText.instant(opening.end)),
            "cutoffSeconds": .count(opening.cutoff),
        ]
    }
}

/// `ebb schedule run-due`: one reading of the schedules, for cron or a systemd timer.
struct ScheduleRunDueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-due", abstract: "Starts what is due now, and waits for its end.",
        discussion: """
            Meant for cron or a systemd timer, every few minutes; several at once do no harm. A \
            window is taken once: what a crash left is resumed from the journal, a window that \
            passed meanwhile is reported, and no host is rebooted twice in one window.

            Exit status 3 when a host is not proven or a window was missed, 4 when an end is not \
            known, such as that of a rollout that cannot be resumed.
            """
    ).example("ebb schedule run-due")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
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
        let document: JSON = [
            "schema": "ebb.schedule.run/1", "generatedAt": .string(JSONText.instant(Date())),
            "missed": .strings(outcome.missed),
            "failed": .array(
                outcome.failed.map { ["rollout": .integer($0.rollout.value), "message": .string($0.message)] }),
            "waitsFor": .optional(outcome.waitsFor) { .integer($0.value) }, "rollouts": .array(reports.map(\.json)),
            "withheld": .array(outcome.withheld.map { ["host": .string($0.host.text), "reason": .string($0.reason)] }),
        ]
        try options.results.write(as: format, json: document) { width, color in
            reports.isEmpty && outcome.failed.isEmpty
                ? "nothing was due\n" : reports.map { $0.text(width: width, color: color) }.joined(separator: "\n")
        }
        try status.leave()
    }
}
