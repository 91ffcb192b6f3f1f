import EbbModel

extension RebootSettings: SettingsMap {
    /// `ebb.reboot`.
    static let declared: [Setting<Self>] = [
        Setting("max_unavailable", \.maxUnavailable, .count, "at once, of the group where this is written"),
        Setting("failure_budget", \.failureBudget, .integer(1...), "hosts of a run that may fail"),
        Setting("waves", \.waves, .list(of: .count), "sizes of the waves; the last one repeats"),
        Setting("timeout", \.timeout, .span(), "until the host answers again"),
        Setting("soak", \.soak, .span(), "how long it must then stay healthy"),
        Setting("drain", \.drain, .list(of: .string), "commands before the reboot"),
        Setting("undrain", \.undrain, .list(of: .string), "commands once the host is healthy, or will not be rebooted"),
        Setting("health", \.healthChecks, .list(of: .healthCheck), "what must be so afterwards"),
        Setting("hook_timeout", \.hookTimeout, .span(), "of one such command"),
        Setting("safety_copy", \.safetyCopy, .map, "keeps what nobody accounted for", standard: "no copy"),
        Setting("storage_max", \.storageMax, .integer(1...100), "percent of persistent storage that may be in use"),
        Setting(
            "while_busy", \.whileBusy, .bool, "although packages are installed, a backup runs or a disk is rebuilt"),
        Setting(
            "stood_still", \.stillness, .span(),
            "how long declared content must have been unchanged to be demanded after a boot as it was"),
        Setting(
            "least_kept", \.leastKept, .integer(1...100),
            "percent of a declared path's entries, names and bytes that must come through a boot where programs write it"
        ),
        Setting(
            "unknown_loss_max", \.unknownLossMax, .byteCount,
            "bytes of unexplained content of unknown class that may go without `--accept-loss`, such as 512KiB"),
        Setting("failure_domain", \.failureDomain, .string, "what fails with it, such as a rack"),
        Setting("rank", \.rank, .integer(-1_000...1_000), "lower goes first"),
        Setting("windows", \.windows, .list(of: .map), "when a reboot may be under way", standard: "any time"),
        Setting("window", \.window, .map, "the only one of `windows`"),
        Setting("blackouts", \.blackouts, .list(of: .map), "days without any reboot"),
        Setting("quorum", \.quorum, .named(by: "set"), "sets of which some must stay well"),
        Setting("often_away", \.isOftenAway, .bool, "a laptop: being away is no failure"),
        Setting("scheduled", \.isScheduled, .bool, "rebooted by itself in its window"),
        Setting(
            "only_if_older_than", \.scheduledAge, .span(), "age of the last proof from which it is scheduled",
            standard: "any"),
    ]

    /// Health checks as they are written: commands and checks from outside in one list.
    fileprivate var healthChecks: [HealthCheck] {
        get { [] }
        set {
            for check in newValue {
                switch check {
                case .command(let line): health.append(line)
                case .outside(let check): gates.append(check)
                }
            }
        }
    }

    fileprivate var window: WindowSettings? {
        get { nil }
        set { if let newValue { windows.append(newValue) } }
    }

    /// Reports what does not go together.
    func checked(_ map: MapReader) -> RebootSettings? {
        func error(_ key: String, _ message: String, hint: String) {
            map.problems.error(at: map.value(key)?.location, "\(map.path(key)) \(message)", hint: hint)
        }
        if waves.isEmpty { error("waves", "is empty", hint: "write numbers such as [1, 10%, rest]") }
        if map.has("window"), map.has("windows") { error("window", "and windows are both set", hint: "keep windows") }
        if isScheduled, windows.isEmpty {
            error("scheduled", "needs a window: without one nothing is ever due", hint: "write reboot.window beside it")
        }
        if scheduledAge != nil, !isScheduled {
            map.problems.warning(
                at: map.value("only_if_older_than")?.location,
                "\(map.path("only_if_older_than")) is for scheduled reboots, and there are none",
                hint: "write scheduled: true beside it")
        }
        return self
    }
}

extension SafetyCopySettings: SettingsMap {
    /// `ebb.reboot.safety_copy`.
    static let declared: [Setting<Self>] = [
        Setting("limit_mib", \.limit, .integer(1...102_400), "how much is copied, in MiB"),
        Setting("secrets", \.includesSecrets, .bool, "whether secrets are copied as well"),
        Setting("keep", \.keep, .integer(1...100), "how many copies stay on the host"),
    ]
}

extension QuorumSettings: SettingsMap {
    /// An element of `ebb.reboot.quorum`.
    static let declared: [Setting<Self>] = [
        Setting("set", \.set, .string, "all hosts that name it are its members", isNeeded: true),
        Setting(
            "healthy", \.healthy, .integer(1...10_000), "members that must be well while another is down",
            isNeeded: true),
    ]
}

/// An element of `ebb.reboot.health`.
private enum HealthCheck: Sendable {
    case command(String)
    case outside(OutsideCheck)
}

/// A health check as it is written.
private struct WrittenCheck: SettingsMap {
    var command: String?
    var tcp: OutsideCheck?
    var http: String?
    var status: Int?

    static let unset = Self()
    static let declared: [Setting<Self>] = [
        Setting("command", \.command, .string, "a command on the host"),
        Setting("tcp", \.tcp, .tcp, "`PORT` of the host, or `ADDRESS:PORT`, that takes connections"),
        Setting("http", \.http, .webAddress, "an address that answers"),
        Setting("status", \.status, .integer(100...599), "with this status", standard: "200 to 399"),
    ]
}

extension SettingKind where Value == OutsideCheck {
    fileprivate static var tcp: Self {
        scalar("a port such as 5432, or ADDRESS:PORT", pattern: "^(.*:)?[0-9]{1,5}$") { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard let last = parts.last, let port = Int(last), (1...65_535).contains(port) else { return nil }
            let address = parts.dropLast().joined(separator: ":")
            return .tcp(address: parts.count > 1 ? address : nil, port: port)
        }
    }
}

extension SettingKind where Value == HealthCheck {
    fileprivate static var healthCheck: Self {
        let map = SettingKind.map(WrittenCheck.self) { written, map in
            if let command = written.command { return .command(command) }
            if let tcp = written.tcp { return .outside(tcp) }
            if let http = written.http { return .outside(.http(url: http, status: written.status)) }
            map.problems.error(
                at: map.location, "a health check is a command, a TCP port or a web address",
                hint: "write {command: …}, {tcp: 5432} or {http: \"http://…\"}")
            return nil
        }
        return Self(shape: .either(.text("a command on the host"), map.shape)) { written in
            written.value.text.map { .command($0) } ?? map.read(written)
        }
    }
}

extension WindowSettings: SettingsMap {
    /// An element of `ebb.reboot.windows`.
    static let declared: [Setting<Self>] = [
        Setting("rrule", \.recurrence, .recurrence, "on which days it starts", isNeeded: true),
        Setting("start", \.start, .time, "when it starts on such a day", standard: "", isNeeded: true),
        Setting("duration", \.duration, .span(), "up to a week", standard: "", isNeeded: true),
        Setting("timezone", \.timezone, .zone, "whose clock counts", isNeeded: true),
        Setting("cutoff", \.cutoff, .span(), "how long before its end nothing is started"),
        Setting("from", \.from, .date, "from where an INTERVAL above 1 counts"),
    ]

    func checked(_ map: MapReader) -> WindowSettings? {
        for problem in problems { map.problems.error(at: map.location, "\(map.name): \(problem)") }
        return self
    }
}

extension SettingKind where Value == Recurrence {
    fileprivate static var recurrence: Self {
        Self(shape: .text("a rule such as FREQ=WEEKLY;BYDAY=SU", pattern: "FREQ=")) { written in
            do throws(InvalidRecurrence) { return try Recurrence(written.value.text ?? "") } catch {
                written.map.problems.error(
                    at: written.value.location, "\(written.name): \(error)", hint: "such as FREQ=WEEKLY;BYDAY=SU")
                return nil
            }
        }
    }
}

extension BlackoutSettings: SettingsMap {
    /// An element of `ebb.reboot.blackouts`.
    static let declared: [Setting<Self>] = [
        Setting("date", \.from, .date, "the only day", standard: ""),
        Setting("from", \.from, .date, "the first day, instead of `date`", standard: ""),
        Setting("to", \.last, .date, "the last day", standard: "the first day"),
        Setting("timezone", \.timezone, .zone, "whose midnights count", standard: "the window's"),
        Setting("reason", \.reason, .string, "why nothing is rebooted then", isNeeded: true),
    ]

    private var from: CalendarDate {
        get { first }
        set { (first, last) = (newValue, newValue) }
    }

    func checked(_ map: MapReader) -> BlackoutSettings? {
        guard first != .epoch else {
            map.missing("from", hint: "or “date” for one day")
            return nil
        }
        if last < first { map.problems.error(at: map.location, "\(map.name) ends before it begins") }
        return last < first ? nil : self
    }
}
