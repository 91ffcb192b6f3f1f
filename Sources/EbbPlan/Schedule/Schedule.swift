package import EbbModel
import FoundationEssentials

/// Hosts that are rebooted together whenever their windows open.
package struct Schedule: Hashable, Sendable {
    /// The windows in words; equal windows have equal names, whatever the hosts are called.
    package let name: String
    /// The windows, less the blackouts that all of the hosts have.
    ///
    /// Blackouts of some of the hosts are left to `RebootGate`, which gives each its reason.
    package let calendar: MaintenanceCalendar
    package let hosts: [HostName]

    /// One schedule for all hosts with the same windows, by name.
    ///
    /// Hosts without a window are in none: nothing reboots them by itself.
    package static func schedules(of fleet: [HostSettings]) throws(InvalidWindow) -> [Schedule] {
        var members: [[WindowSettings]: [HostSettings]] = [:]
        for settings in fleet where !settings.reboot.windows.isEmpty {
            members[settings.reboot.windows, default: []].append(settings)
        }
        var schedules: [Schedule] = []
        for (windows, hosts) in members {
            let all = hosts.map { Set($0.reboot.blackouts) }
            let shared = all.dropFirst().reduce(all[0]) { $0.intersection($1) }
            let calendar = try MaintenanceCalendar(
                windows: windows, blackouts: shared.sorted { ($0.first, $0.reason) < ($1.first, $1.reason) })
            schedules.append(Schedule(name: name(of: windows), calendar: calendar, hosts: hosts.map(\.host).sorted()))
        }
        return schedules.sorted { $0.name < $1.name }
    }

    private static func name(of windows: [WindowSettings]) -> String {
        windows.map { window in
            "\(window.recurrence) at \(window.start) \(window.timezone) for "
                + (window.duration % 60 == 0 ? "\(window.duration / 60) min" : "\(window.duration) s")
                + (window.from.map { " from \($0)" } ?? "")
        }.joined(separator: " and ")
    }
}
