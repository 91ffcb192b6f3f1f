import EbbModel

/// The variable `ebb_fleet` of the group `all` → what holds for the controller.
struct FleetDecoder {
    let problems: ProblemCollector

    func decode(_ value: YAMLValue?) -> FleetSettings {
        var fleet = FleetSettings()
        guard let value else { return fleet }
        let map = MapReader(value, name: "ebb_fleet", problems: problems)
        defer { map.finish() }
        fleet.notify = channels(map)
        fleet.collectEvery = map.span("collect_every")
        if let seconds = map.span("verify_every") { fleet.verifyEvery = max(60, seconds) }
        if let seconds = fleet.collectEvery, seconds < 60 {
            problems.error(
                at: map.value("collect_every")?.location,
                "\(map.path("collect_every")) is shorter than a minute",
                hint: "each look is one SSH connection to every host")
        }
        return fleet
    }

    private func channels(_ map: MapReader) -> [NoticeChannel] {
        var channels: [NoticeChannel] = []
        for reader in map.maps("notify") {
            guard let channel = channel(reader) else { continue }
            if channels.contains(where: { $0.name == channel.name }) {
                problems.error(
                    at: reader.location,
                    "two channels are called “\(PrintableText.line(channel.name))”",
                    hint: "logs could not tell them apart")
            }
            channels.append(channel)
        }
        return channels
    }

    private func channel(_ map: MapReader) -> NoticeChannel? {
        defer { map.finish() }
        let name = map.requiredString("name", hint: "what logs call the channel")
        var ways: [NoticeChannel.Way] = []
        if let url = map.scalar("webhook", "an http or https address", Self.address) {
            ways.append(.webhook(url: Secret(url), headers: headers(map)))
        }
        if let words = map.strings("command"), let program = words.first {
            ways.append(.command(program: program, arguments: Array(words.dropFirst())))
        }
        if let to = map.strings("mail"), !to.isEmpty {
            ways.append(.mail(to: to, from: map.string("from")))
        }
        let events = events(map)
        guard let name else { return nil }
        guard let way = ways.first, ways.count == 1 else {
            problems.error(
                at: map.location,
                ways.isEmpty
                    ? "\(map.name) says no way to tell anybody" : "\(map.name) says several ways",
                hint: "one of webhook, command and mail")
            return nil
        }
        return NoticeChannel(name: name, way: way, events: events)
    }

    private func headers(_ map: MapReader) -> [String: Secret] {
        var headers: [String: Secret] = [:]
        for entry in map.value("headers")?.entries ?? [] {
            guard let text = entry.value.text,
                (entry.key + text).utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
            else {
                problems.error(
                    at: entry.keyLocation, "\(map.path("headers")) must be printable texts")
                continue
            }
            headers[entry.key] = Secret(text)
        }
        return headers
    }

    private func events(_ map: MapReader) -> Set<NoticeEvent>? {
        guard let values = map.list("events", orOne: true) else { return nil }
        let words = NoticeEvent.allCases.map(\.rawValue)
        return Set(
            values.compactMap { value -> NoticeEvent? in
                if let event = value.text.flatMap(NoticeEvent.init(rawValue:)) { return event }
                problems.error(
                    at: value.location, "no event is called \(value.kind)",
                    hint: Suggestion.hint(for: value.text ?? "", among: words))
                return nil
            })
    }

    private static func address(_ text: String) -> String? {
        let isWeb = text.hasPrefix("https://") || text.hasPrefix("http://")
        return isWeb && text.utf8.allSatisfy { (0x21..<0x7F).contains($0) } ? text : nil
    }
}
