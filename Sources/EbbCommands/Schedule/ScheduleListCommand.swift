package import ArgumentParser
import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb schedule list`: every window of the inventory, and what became of the last one.
package struct ScheduleListCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows every schedule, its last window and its next.",
        discussion: "Asks no host and writes nothing."
    ).example("ebb schedule list")

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: "all")
        let now = Date()
        let book = try await ScheduleBook.read(fleet.all, try await fleet.store(), at: now)
        let idle = try Schedule.schedules(of: fleet.all.filter { !$0.reboot.isScheduled })
        switch format {
        case .json:
            try options.results.write([
                "schema": "ebb.schedule/1", "generatedAt": .string(JSONText.instant(now)),
                "schedules": .array(book.pages.map { $0.json(at: now) } + idle.map { Self.idle($0, at: now) }),
            ])
        default: try options.results.write(Self.table(book, idle, at: now))
        }
    }

    private static func table(_ book: ScheduleBook, _ idle: [Schedule], at now: Date) -> TextTable {
        var table = TextTable([
            .init("WINDOW", shrinks: true), .init("HOSTS", shrinks: true), .init("NOW"), .init("LAST"), .init("NEXT"),
        ])
        for page in book.pages {
            let last = page.slots.last
            table.add([
                .init(page.schedule.name, .emphasis), .init(names(page.schedule)), page.standing,
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
    /// Where the schedule stands, in a word or two.
    fileprivate var standing: TextTable.Cell {
        if review.underWay != nil { return .init("under way", .emphasis) }
        if !review.interrupted.isEmpty { return .init("left behind", .warning) }
        if review.due != nil { return .init("due", .emphasis) }
        if review.taken != nil { return .init("open, taken") }
        return .init("closed")
    }

    private var word: String {
        if review.underWay != nil { return "under-way" }
        if !review.interrupted.isEmpty { return "interrupted" }
        if review.due != nil { return "due" }
        return review.taken != nil ? "taken" : "closed"
    }

    fileprivate func json(at now: Date) -> JSON {
        [
            "name": .string(schedule.name), "hosts": .strings(schedule.hosts.map(\.text)), "scheduled": .bool(true),
            "state": .string(word), "nextOpensAt": .optional(review.next) { .string(JSONText.instant($0.start)) },
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
