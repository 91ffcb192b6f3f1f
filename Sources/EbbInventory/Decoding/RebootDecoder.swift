import EbbModel
import FoundationEssentials

/// How a host may be rebooted.
struct RebootDecoder {
    let problems: ProblemCollector

    func decode(_ map: MapReader, into reboot: inout RebootSettings) {
        defer { map.finish() }
        if let count = map.count("max_unavailable") { reboot.maxUnavailable = count }
        if let budget = map.integer("failure_budget", in: 1...Int.max) {
            reboot.failureBudget = budget
        }
        if let waves = map.list("waves", orOne: true) {
            let counts = waves.compactMap {
                MapReader.scalar(
                    $0, map.path("waves"), "numbers of hosts such as 1, 10% or rest", problems,
                    MapReader.count(_:))
            }
            if counts.isEmpty {
                problems.error(at: map.value("waves")?.location, "reboot.waves is empty")
            } else {
                reboot.waves = counts
            }
        }
        if let seconds = map.span("timeout") { reboot.timeout = seconds }
        if let seconds = map.span("soak") { reboot.soak = seconds }
        if let seconds = map.span("hook_timeout") { reboot.hookTimeout = seconds }
        if let commands = map.strings("drain") { reboot.drain = commands }
        if let commands = map.strings("undrain") { reboot.undrain = commands }
        readHealth(map, into: &reboot)
        if let copy = map.map("safety_copy") { reboot.safetyCopy = safetyCopy(copy) }
        reboot.failureDomain = map.string("failure_domain")
        if let rank = map.integer("rank", in: -1_000...1_000) { reboot.rank = rank }
        readWindows(map, into: &reboot)
        reboot.blackouts = map.maps("blackouts").compactMap(blackout)
        reboot.quorum = (map.value("quorum")?.entries ?? []).compactMap { entry in
            let name = "\(map.path("quorum"))[\(PrintableText.line(entry.key))]"
            return quorum(MapReader(entry.value, name: name, problems: problems))
        }
        if let isOftenAway = map.bool("often_away") { reboot.isOftenAway = isOftenAway }
        readSchedule(map, into: &reboot)
    }

    private func readSchedule(_ map: MapReader, into reboot: inout RebootSettings) {
        if let isScheduled = map.bool("scheduled") { reboot.isScheduled = isScheduled }
        reboot.scheduledAge = map.span("only_if_older_than")
        if reboot.isScheduled, reboot.windows.isEmpty {
            problems.error(
                at: map.value("scheduled")?.location,
                "\(map.path("scheduled")) needs a window: without one nothing is ever due",
                hint: "write reboot.window beside it")
        }
        if reboot.scheduledAge != nil, !reboot.isScheduled {
            problems.warning(
                at: map.value("only_if_older_than")?.location,
                "\(map.path("only_if_older_than")) is for scheduled reboots, and there are none",
                hint: "write scheduled: true beside it")
        }
    }

    private func readHealth(_ map: MapReader, into reboot: inout RebootSettings) {
        for value in map.list("health", orOne: true) ?? [] {
            if let command = value.text {
                reboot.health.append(command)
                continue
            }
            let gate = MapReader(value, name: map.path("health"), problems: problems)
            defer { gate.finish() }
            if let command = gate.string("command") {
                reboot.health.append(command)
            } else if let outside = outsideGate(gate) {
                reboot.gates.append(outside)
            } else if !gate.has("tcp"), !gate.has("http") {
                problems.error(
                    at: value.location, "a health gate is a command, a TCP port or an URL",
                    hint: "write {command: …}, {tcp: 5432} or {http: \"http://…\"}")
            }
        }
    }

    private func outsideGate(_ map: MapReader) -> HealthGate? {
        if map.has("tcp") {
            return map.scalar("tcp", "a port such as 5432, or ADDRESS:PORT", Self.port)
        }
        let status = map.integer("status", in: 100...599)
        let url = map.scalar("http", "an URL that begins with http:// or https://") { text in
            let isURL = text.hasPrefix("http://") || text.hasPrefix("https://")
            return isURL && text.utf8.allSatisfy { $0 > 32 && $0 < 127 } ? text : nil
        }
        return url.map { .http(url: $0, status: status) }
    }

    private static func port(_ text: String) -> HealthGate? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let last = parts.last, let port = Int(last), (1...65_535).contains(port) else {
            return nil
        }
        let address = parts.dropLast().joined(separator: ":")
        return .tcp(address: parts.count > 1 ? address : nil, port: port)
    }

    private func safetyCopy(_ map: MapReader) -> SafetyCopySettings {
        defer { map.finish() }
        var copy = SafetyCopySettings()
        if let limit = map.integer("limit_mib", in: 1...102_400) { copy.limit = limit }
        if let secrets = map.bool("secrets") { copy.includesSecrets = secrets }
        if let keep = map.integer("keep", in: 1...100) { copy.keep = keep }
        return copy
    }

    private func readWindows(_ map: MapReader, into reboot: inout RebootSettings) {
        var windows = map.value("windows") == nil ? [] : map.maps("windows")
        if let one = map.map("window") {
            if !windows.isEmpty {
                problems.error(
                    at: one.location, "\(map.path("window")) and windows are both set",
                    hint: "keep windows")
            }
            windows.append(one)
        }
        reboot.windows = windows.compactMap(window)
    }

    private func window(_ map: MapReader) -> WindowSettings? {
        defer { map.finish() }
        let rule = recurrence(map)
        let start = map.scalar("start", "a time of day such as \"02:00\"") { TimeOfDay($0) }
        let duration = map.span("duration")
        let zone = zone(map)
        let cutoff = map.span("cutoff")
        let from = map.scalar("from", "a day such as 2027-06-30") { CalendarDate($0) }
        for key in ["rrule", "start", "duration", "timezone"] { map.missing(key) }
        guard let rule, let start, let duration, let zone else { return nil }
        let window = WindowSettings(
            recurrence: rule, start: start, duration: duration, timezone: zone, cutoff: cutoff,
            from: from)
        for problem in window.problems {
            problems.error(at: map.location, "\(map.name): \(problem)")
        }
        return window
    }

    private func recurrence(_ map: MapReader) -> Recurrence? {
        guard let text = map.string("rrule") else { return nil }
        do throws(InvalidRecurrence) {
            return try Recurrence(text)
        } catch {
            problems.error(
                at: map.value("rrule")?.location, "\(map.path("rrule")): \(error)",
                hint: "such as FREQ=WEEKLY;BYDAY=SU")
            return nil
        }
    }

    private func blackout(_ map: MapReader) -> BlackoutSettings? {
        defer { map.finish() }
        let only = map.scalar("date", "a day such as 2026-12-25") { CalendarDate($0) }
        let from = map.scalar("from", "a day such as 2026-12-20") { CalendarDate($0) }
        let end = map.scalar("to", "a day such as 2027-01-06") { CalendarDate($0) }
        let zone = zone(map)
        let reason = map.requiredString("reason")
        guard let first = from ?? only else {
            map.missing("from")
            return nil
        }
        let last = end ?? first
        if last < first {
            problems.error(at: map.location, "\(map.name) ends before it begins")
            return nil
        }
        return reason.map {
            BlackoutSettings(first: first, last: last, reason: $0, timezone: zone)
        }
    }

    private func quorum(_ map: MapReader) -> QuorumSettings? {
        defer { map.finish() }
        let set = map.requiredString("set")
        let healthy = map.integer("healthy", in: 1...10_000)
        map.missing("healthy", hint: "how many members must be well while another is down")
        guard let set, let healthy else { return nil }
        return QuorumSettings(set: set, healthy: healthy)
    }

    /// The name of a zone; the hint for one that does not exist names one of the same city.
    private func zone(_ map: MapReader) -> String? {
        guard let value = map.value("timezone") else { return nil }
        guard let text = value.text, WindowSettings.zone(named: text) != nil else {
            problems.error(
                at: value.location,
                "\(map.path("timezone")) must be a time zone such as Europe/Berlin or UTC, "
                    + "not \(value.kind)",
                hint: Suggestion.nearest(
                    to: value.text ?? "", among: TimeZone.knownTimeZoneIdentifiers
                ).map { "did you mean “\($0)”?" })
            return nil
        }
        return text
    }
}
