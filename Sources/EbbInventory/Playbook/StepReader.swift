import EbbModel

/// Reads one step: a map with the key of its action, and what holds for every step.
struct StepReader {
    private static let actions = ["drift", "run", "reboot", "verify", "onboard", "report"]

    let problems: ProblemCollector

    func step(_ value: YAMLValue) -> Playbook.Step? {
        // A step without settings may be a word alone: “- verify”.
        if let word = value.text {
            let nothing = YAMLValue(.null, at: value.location)
            let entry = YAMLValue.Entry(key: word, keyLocation: value.location, value: nothing)
            return step(YAMLValue(.map([entry]), at: value.location))
        }
        guard let entries = value.entries else {
            problems.error(at: value.location, "a step is a map, not \(value.kind)")
            return nil
        }
        let named = entries.filter { Self.actions.contains($0.key) }
        guard let entry = named.first, named.count == 1 else {
            report(value, entries, named)
            return nil
        }
        let map = MapReader(value, name: "step \(entry.key)", problems: problems)
        _ = map.value(entry.key)
        let name = map.read("name", .string) ?? entry.key
        let onFailure = map.read("on_failure", SettingKind<Playbook.OnFailure>.choice) ?? .stop
        map.finish()
        guard let action = action(entry) else { return nil }
        return Playbook.Step(name: name, action: action, onFailure: onFailure, location: entry.keyLocation)
    }

    private func report(_ value: YAMLValue, _ entries: [YAMLValue.Entry], _ named: [YAMLValue.Entry]) {
        if named.count > 1 {
            let words = named.map { "“\($0.key)”" }.joined(separator: " and ")
            problems.error(at: value.location, "a step does one thing, not \(words)")
        } else {
            let word = entries.first { !["name", "on_failure"].contains($0.key) }?.key ?? ""
            problems.error(
                at: value.location, word.isEmpty ? "the step does nothing" : "no step is called “\(word)”",
                hint: Suggestion.hint(for: word, among: Self.actions))
        }
    }

    private func action(_ entry: YAMLValue.Entry) -> Playbook.Action? {
        let map = MapReader(
            entry.value.text == nil ? entry.value : YAMLValue(.null, at: entry.value.location),
            name: "step \(entry.key)", problems: problems)
        let alone = WrittenValue(value: entry.value, map: map, key: "")
        // The actions with one setting that matters take it alone: “run: uptime”.
        switch (entry.key, entry.value.text) {
        case ("run", let line?): return .run(Playbook.Command(line: line))
        case ("onboard", _?): return SettingKind<Playbook.OnboardPhase>.choice.read(alone).map { .onboard($0) }
        case ("drift", nil): return map.whole(Playbook.DriftGate.self).map { .drift($0) }
        case ("run", nil): return map.whole(Playbook.Command.self).map { .run($0) }
        case ("reboot", nil): return map.whole(Playbook.Reboot.self).map { .reboot($0) }
        case ("verify", nil):
            map.finish()
            return .verify
        case ("onboard", nil): return map.whole(Playbook.Onboarding.self).map { .onboard($0.phase) }
        case ("report", nil): return map.whole(Playbook.Report.self).map { .report($0) }
        default:
            problems.error(at: entry.value.location, "step \(entry.key) must be a map, not \(entry.value.kind)")
            return nil
        }
    }
}

extension Playbook.DriftGate: SettingsMap {
    static let unset = Self()
    static let declared: [Setting<Self>] = [
        Setting("fail_on", \.failing, .list(of: .choice), "the verdicts that fail a host"),
        Setting("tolerated", \.tolerated, .integer(0...1_000_000), "how many such paths may pass"),
        Setting("max_age", \.maxAge, .span(), "how old a stored observation may be"),
    ]

    private var failing: [PathVerdict] {
        get { failOn.sorted { $0.rawValue < $1.rawValue } }
        set { failOn = Set(newValue) }
    }
}

extension Playbook.Command: SettingsMap {
    static let unset = Self()
    static let declared: [Setting<Self>] = [
        Setting("command", \.line, .string, "a line for sh -c", isNeeded: true),
        Setting("on", \.place, .choice, "where it runs"),
        Setting("read_only", \.isReadOnly, .bool, "whether it changes nothing"),
        Setting("timeout", \.timeout, .span(), "how long it may take"),
    ]
}

extension Playbook.Reboot: SettingsMap {
    static let unset = Self()
    static let declared: [Setting<Self>] = [
        Setting("waves", \.waves, .list(of: .count), "sizes of the waves"),
        Setting("max_unavailable", \.maxUnavailable, .count, "how many hosts may be unavailable"),
        Setting("failure_budget", \.failureBudget, .integer(1...), "how many hosts may fail"),
        Setting("soak", \.soak, .span(), "how long a host must stay healthy"),
        Setting("accept_loss", \.acceptsLoss, .bool, "whether unexplained paths may be lost"),
        Setting("only_if_older_than", \.onlyIfOlderThan, .span(), "the youngest proof that counts"),
    ]
}

extension Playbook.Report: SettingsMap {
    static let unset = Self()
    static let declared: [Setting<Self>] = [
        Setting("kind", \.kind, .choice, "what is reported"),
        Setting("format", \.format, .string, "a format of the command behind it"),
        Setting("output", \.output, .string, "a file on the controller"),
    ]
}

extension Playbook {
    /// A step “onboard” as a map.
    fileprivate struct Onboarding: SettingsMap {
        var phase = OnboardPhase.plan

        static let unset = Self()
        static let declared: [Setting<Self>] = [Setting("phase", \.phase, .choice, "how far to go", isNeeded: true)]
    }
}
