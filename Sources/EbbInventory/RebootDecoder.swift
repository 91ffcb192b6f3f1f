import EbbModel
import EbbYAML

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
        reboot.failureDomain = map.string("failure_domain")
        if let rank = map.integer("rank", in: -1_000...1_000) { reboot.rank = rank }
        readWindows(map, into: &reboot)
        reboot.blackouts = map.maps("blackouts").compactMap(blackout)
        let state = map.value("quorum")?.entries ?? []
        reboot.quorum = state.compactMap { entry in
            let name = "\(map.path("quorum"))[\(PrintableText.line(entry.key))]"
            return quorum(MapReader(entry.value, name: name, problems: problems))
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
            let command = gate.string("command")
            let port = gate.integer("tcp", in: 1...65_535)
            let url = gate.string("http")
            let status = gate.integer("status", in: 100...599) ?? 200
            switch (command, port, url) {
            case (let command?, nil, nil): reboot.health.append(command)
            case (nil, let port?, nil): reboot.gates.append(.tcp(port: port))
            case (nil, nil, let url?):
                if url.hasPrefix("http://") || url.hasPrefix("https://") {
                    reboot.gates.append(.http(url: url, status: status))
                } else {
                    problems.error(at: value.location, "“\(PrintableText.line(url))” is no URL")
                }
            default:
                problems.error(
                    at: value.location, "a health gate is one of command, tcp and http",
                    hint: "write a command as plain text, or {tcp: 5432}, or {http: URL}")
            }
        }
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

    private func window(_ map: MapReader) -> MaintenanceWindow? {
        defer { map.finish() }
        let rule = map.scalar("rrule", "a rule such as FREQ=WEEKLY;BYDAY=SU", Self.rule)
        let start = map.scalar("start", "a time of day such as \"02:00\"", Self.minutes)
        let duration = map.span("duration")
        let zone = map.scalar("timezone", "a zone such as Europe/Berlin", Self.zone)
        for key in ["rrule", "start", "duration", "timezone"] { map.missing(key) }
        if let duration, duration < 60 {
            problems.error(at: map.location, "\(map.name) is shorter than a minute")
        }
        guard let rule, let start, let duration, let zone else { return nil }
        return MaintenanceWindow(
            recurrence: rule, start: start, duration: duration, timeZone: zone)
    }

    private func blackout(_ map: MapReader) -> Blackout? {
        defer { map.finish() }
        let from = map.day("from")
        if from == nil { map.missing("from") }
        let end = map.day("to") ?? from
        let zone = map.scalar("timezone", "a zone such as Europe/Berlin", Self.zone) ?? "UTC"
        let reason = map.requiredString("reason")
        guard let from, let end, let reason else { return nil }
        if end < from {
            problems.error(at: map.location, "\(map.name) ends before it begins")
            return nil
        }
        return Blackout(from: from, to: end, timeZone: zone, reason: reason)
    }

    private func quorum(_ map: MapReader) -> QuorumRule? {
        defer { map.finish() }
        let name = map.requiredString("name")
        let members = map.requiredString("members", hint: "a pattern, such as a group's name")
        let atLeast = map.count("at_least")
        if atLeast == nil { map.missing("at_least") }
        let check = map.string("check")
        guard let name, let members, let atLeast else { return nil }
        return QuorumRule(name: name, members: members, atLeast: atLeast, check: check)
    }

    /// The parts of a rule are checked for form here, and for meaning where time is known.
    private static func rule(_ text: String) -> String? {
        let known: Set<Substring> = [
            "FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "BYWEEKNO", "WKST",
            "COUNT", "UNTIL",
        ]
        let body = text.hasPrefix("RRULE:") ? text.dropFirst(6) : text[...]
        let parts = body.split(separator: ";", omittingEmptySubsequences: false)
        let names = parts.map { $0.prefix { $0 != "=" } }
        guard names.contains("FREQ"), Set(names).count == names.count,
            zip(parts, names).allSatisfy({ known.contains($1) && $0.count > $1.count + 1 })
        else { return nil }
        let frequencies = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"].map { "FREQ=" + $0 }
        guard parts.contains(where: { frequencies.contains(String($0)) }) else { return nil }
        return String(body)
    }

    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
            let hours = Int(parts[0]), let minutes = Int(parts[1]), (0...23).contains(hours),
            (0...59).contains(minutes)
        else { return nil }
        return hours * 60 + minutes
    }

    private static func zone(_ text: String) -> String? {
        let isFit = text.utf8.allSatisfy { byte in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII
                && (character.isLetter || character.isNumber || "/_-+".contains(character))
        }
        let isNamed = text.contains("/") && !text.hasPrefix("/") && !text.contains("..")
        return isFit && (isNamed || ["UTC", "GMT"].contains(text)) ? text : nil
    }
}
