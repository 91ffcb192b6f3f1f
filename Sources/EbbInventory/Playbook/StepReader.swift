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
        let name = map.string("name") ?? entry.key
        let onFailure: Playbook.OnFailure = map.choice("on_failure") ?? .stop
        map.finish()
        guard let action = action(entry) else { return nil }
        return Playbook.Step(
            name: name, action: action, onFailure: onFailure, location: entry.keyLocation)
    }

    private func report(
        _ value: YAMLValue, _ entries: [YAMLValue.Entry], _ named: [YAMLValue.Entry]
    ) {
        if named.count > 1 {
            let words = named.map { "“\($0.key)”" }.joined(separator: " and ")
            problems.error(
                at: value.location, "a step does one thing, not \(words)",
                hint: "make a step of each")
        } else {
            let word = entries.first { !["name", "on_failure"].contains($0.key) }?.key ?? ""
            problems.error(
                at: value.location,
                word.isEmpty ? "the step does nothing" : "no step is called “\(word)”",
                hint: Suggestion.hint(for: word, among: Self.actions))
        }
    }

    private func action(_ entry: YAMLValue.Entry) -> Playbook.Action? {
        let value = entry.value
        let name = "step \(entry.key)"
        // The actions with one setting that matters take it alone: “run: uptime”.
        switch (entry.key, value.text) {
        case ("run", let line?):
            return .run(.init(line: line, place: .hosts, isReadOnly: false, timeout: 300))
        case ("onboard", let word?):
            guard let phase = Playbook.OnboardPhase(rawValue: word) else {
                let words = Playbook.OnboardPhase.allCases.map(\.rawValue)
                problems.error(
                    at: value.location, "\(name) cannot be “\(PrintableText.line(word))”",
                    hint: Suggestion.hint(for: word, among: words))
                return nil
            }
            return .onboard(phase)
        default: break
        }
        let map = MapReader(value, name: name, problems: problems)
        defer { map.finish() }
        switch entry.key {
        case "drift": return .drift(drift(map))
        case "run": return command(map).map { .run($0) }
        case "reboot": return .reboot(reboot(map))
        case "verify": return .verify
        case "onboard":
            let phase: Playbook.OnboardPhase? = map.choice("phase")
            map.missing("phase", hint: "plan, apply or rollback")
            return phase.map { .onboard($0) }
        default: return .report(report(map))
        }
    }

    private func drift(_ map: MapReader) -> Playbook.DriftGate {
        var failOn: Set<PathVerdict> = [.leaked, .unexplained]
        if let words = map.list("fail_on", orOne: true) {
            failOn = []
            for word in words {
                guard let text = word.text, let verdict = PathVerdict(rawValue: text) else {
                    problems.error(
                        at: word.location, "\(map.path("fail_on")) cannot be \(word.kind)",
                        hint: Suggestion.hint(
                            for: word.text ?? "", among: PathVerdict.allCases.map(\.rawValue)))
                    continue
                }
                failOn.insert(verdict)
            }
        }
        let tolerated = map.integer("tolerated", in: 0...1_000_000) ?? 0
        return Playbook.DriftGate(
            failOn: failOn, tolerated: tolerated, maxAge: map.span("max_age"))
    }

    private func command(_ map: MapReader) -> Playbook.Command? {
        let line = map.requiredString("command", hint: "a line for sh -c")
        let place: Playbook.Command.Place = map.choice("on") ?? .hosts
        let isReadOnly = map.bool("read_only") ?? false
        let timeout = map.span("timeout") ?? 300
        return line.map {
            Playbook.Command(line: $0, place: place, isReadOnly: isReadOnly, timeout: timeout)
        }
    }

    private func reboot(_ map: MapReader) -> Playbook.Reboot {
        let waves = map.list("waves", orOne: true)?.compactMap {
            MapReader.scalar(
                $0, map.path("waves"), "numbers of hosts such as 1, 10% or rest", problems,
                MapReader.count(_:))
        }
        return Playbook.Reboot(
            waves: waves, maxUnavailable: map.count("max_unavailable"),
            failureBudget: map.integer("failure_budget", in: 1...Int.max),
            soak: map.span("soak"), acceptsLoss: map.bool("accept_loss") ?? false,
            onlyIfOlderThan: map.span("only_if_older_than"))
    }

    private func report(_ map: MapReader) -> Playbook.Report {
        let kind: Playbook.Report.Kind = map.choice("kind") ?? .compliance
        return Playbook.Report(
            kind: kind, format: map.string("format") ?? "table", output: map.string("output"))
    }
}
