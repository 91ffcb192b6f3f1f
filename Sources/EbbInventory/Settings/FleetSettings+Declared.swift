import EbbModel

extension FleetSettings: SettingsMap {
    static let unset = FleetSettings()
    /// `ebb_fleet`, among the variables of the group `all`.
    static let declared: [Setting<Self>] = [
        Setting("notify", \.notify, .list(of: .channel), "channels for notices"),
        Setting(
            "collect_every", \.collectEvery, .span(from: 60),
            "how often `ebb serve` observes each host: one SSH connection each time",
            standard: "half of the host's `observation_max_age`"),
        Setting("verify_every", \.verifyEvery, .span(from: 60), "how often `ebb serve` verifies the evidence chain"),
    ]

    /// Reads what is written of the controller.
    static func decoded(_ value: YAMLValue?, _ problems: ProblemCollector) -> FleetSettings {
        var fleet = FleetSettings()
        guard let value else { return fleet }
        let map = MapReader(value, name: "ebb_fleet", problems: problems)
        map.read(declared, into: &fleet)
        map.finish()
        var names: Set<String> = []
        for channel in fleet.notify where !names.insert(channel.name).inserted {
            problems.error(
                at: map.value("notify")?.location, "two channels are called “\(PrintableText.line(channel.name))”",
                hint: "logs could not distinguish them")
        }
        return fleet
    }
}

/// A channel as it is written.
private struct WrittenChannel: SettingsMap {
    var name = ""
    var webhook: Secret?
    var headers: [String: String] = [:]
    var command: [String] = []
    var mail: [String] = []
    var from: String?
    var events: [NoticeEvent]?

    static let unset = Self()
    static let declared: [Setting<Self>] = [
        Setting("name", \.name, .string, "what logs call the channel", isNeeded: true),
        Setting("webhook", \.webhook, .secretAddress, "an address that takes the notice as JSON"),
        Setting("headers", \.headers, .headers, "headers of such a request"),
        Setting("command", \.command, .list(of: .string), "a program and its arguments; it reads the notice as JSON"),
        Setting("mail", \.mail, .list(of: .string), "who gets a mail through `sendmail`"),
        Setting("from", \.from, .string, "the sender of such a mail"),
        Setting("events", \.events, .list(of: .choice), "the events that are sent", standard: "every one"),
    ]

    /// How a notice is delivered; exactly one way is wanted.
    var ways: [NoticeChannel.Way] {
        var ways: [NoticeChannel.Way] = []
        if let webhook { ways.append(.webhook(url: webhook, headers: headers.mapValues { Secret($0) })) }
        if let program = command.first {
            ways.append(.command(program: program, arguments: Array(command.dropFirst())))
        }
        if !mail.isEmpty { ways.append(.mail(to: mail, from: from)) }
        return ways
    }
}

extension SettingKind where Value == NoticeChannel {
    fileprivate static var channel: Self {
        .map(WrittenChannel.self) { written, map in
            guard let way = written.ways.first, written.ways.count == 1 else {
                map.problems.error(
                    at: map.location,
                    written.ways.isEmpty ? "\(map.name) has no way to deliver notices" : "\(map.name) has several ways",
                    hint: "write one of webhook, command and mail")
                return nil
            }
            return NoticeChannel(name: written.name, way: way, events: written.events.map { Set($0) })
        }
    }
}

extension SettingKind where Value == [String: String] {
    /// Headers of a request; they may hold secrets, so no message repeats them.
    fileprivate static var headers: Self {
        Self(shape: .texts) { written in
            var headers: [String: String] = [:]
            for entry in written.value.entries ?? [] {
                guard let text = entry.value.text, (entry.key + text).utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
                else {
                    written.map.problems.error(at: entry.keyLocation, "\(written.name) must be printable texts")
                    return nil
                }
                headers[entry.key] = text
            }
            return headers
        }
    }
}
