package import ArgumentParser
import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb schedule next`: when hosts' windows open next, in UTC.
package struct ScheduleNextCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Shows when windows open next, in UTC.",
        discussion: """
            A window starts by the wall clock of its zone and lasts as long in every night of the \
            year. A start that the clocks jump over is the moment of the jump; one that comes twice \
            is the first of the two.
            """
    ).example("ebb schedule next web --count 3")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @Option(help: "How many openings of each.") var count = 5

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package mutating func validate() throws {
        guard (1...100).contains(count) else {
            throw ValidationError("--count wants a number from 1 to 100, not \(count).")
        }
    }

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let now = Date()
        let times = try await RebootTimes.usual(fleet.selected, in: try await fleet.store())
        let schedules = try Schedule.schedules(of: fleet.selected)
        switch format {
        case .json:
            try options.results.write([
                "schema": "ebb.schedule.next/1", "generatedAt": .string(JSONText.instant(now)),
                "schedules": .array(
                    schedules.map { schedule in
                        [
                            "name": .string(schedule.name), "hosts": .strings(schedule.hosts.map(\.text)),
                            "openings": .array(
                                schedule.calendar.openings(after: now, count: count).map { Self.json($0) }),
                        ]
                    }),
            ])
        default: try options.results.write(table(schedules, fleet, times, now))
        }
        let without = fleet.selected.count { $0.reboot.windows.isEmpty }
        if without > 0 { options.notes.note("\(without) host(s) have no window: any time will do") }
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
