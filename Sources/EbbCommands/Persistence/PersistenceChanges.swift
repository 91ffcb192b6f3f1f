import ArgumentParser
import EbbClassifier
import EbbEngine
import EbbInventory
import EbbModel
import EbbProbe
import EbbReport
import EbbSetup
import EbbStore
import EbbTransport

/// `ebb persistence adopt`: moves the data of declared paths to persistent storage.
struct PersistenceAdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Copies, compares and puts in effect what is declared, on one host.",
        discussion: """
            Works on the paths that the inventory declares with mechanism bind or symlink. Each is \
            copied, flushed, compared byte by byte, and only then takes the place of the original, \
            which stays until a boot has proven the copy. After an interruption the \
            same command resumes; --rollback undoes it.
            """
    ).example("ebb persistence adopt db1 /var/lib/postgresql --pause-services")

    @Argument(help: "The host.") var host: String

    @Argument(help: "Only these declared paths; by default every one that is not in effect.") var paths: [String] = []

    @Flag(help: "Undo what is not proven by a boot yet.") var rollback = false

    @Flag(help: "Stop the services that write to a path while it is moved.") var pauseServices = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let (fleet, selected) = try await Fleet.one(options, host)
        let engine = try await fleet.engine()
        let settings = engine.expanded(selected)
        let entries = try chosen(from: settings.persistence)
        var table = TextTable([.init("PATH", shrinks: true), .init("OUTCOME"), .init("WHAT", shrinks: true)])
        var status = ExitStatus.success
        for entry in entries {
            let end = await engine.adopt(rollback ? .rollback : .adopt, entry, settings, pausesServices: pauseServices)
            let role: TextRole = end.outcome == .ok || end.outcome == .changed ? .good : .bad
            table.add([.init(entry.path), .init(end.outcome.rawValue, role), .init(end.message)])
            for note in end.notes { table.add([.init(entry.path), .init("note", .muted), .init(note.message)]) }
            switch end.outcome {
            case .ok, .changed: break
            case .failed, .skipped: status = status.merged(with: .findings)
            case .unreachable, .indeterminate: status = status.merged(with: .incomplete)
            }
        }
        try options.results.write(table)
        try status.leave()
    }

    private func chosen(from entries: [PersistenceEntry]) throws -> [PersistenceEntry] {
        let movable = entries.filter { $0.mechanism == .bind || $0.mechanism == .symlink }
        guard !paths.isEmpty else { return movable }
        return try paths.map { path in
            guard let entry = movable.first(where: { $0.path == path }) else {
                throw Failure(
                    .usage, "\(path) is not declared for \(host) with mechanism bind or symlink",
                    hint: "declare it first, in host_vars/\(host).yml: "
                        + "ebb: {persistence: [{path: \(path), mechanism: bind}]}")
            }
            return entry
        }
    }
}

/// `ebb persistence suggest`: what to declare so that the unexplained paths are accounted for.
struct PersistenceSuggestCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "suggest", abstract: "Proposes what to declare or to accept, and says who writes it.",
        discussion: """
            Observes the hosts, finds the paths that nobody has accounted for, and shows which program \
            writes them: its package, its unit and its account. Nothing is changed; copy from the YAML \
            what should stay declared.

            Formats: table, json.
            """
    ).example("ebb persistence suggest db1")

    @OptionGroup var chosen: ChosenHosts

    func run() async throws {
        let (format, fleet) = try await open()
        let engine = try await fleet.engine()
        let advice = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
            await engine.advise(settings)
        }
        try options.results.write(as: format, json: Self.json(advice)) { Self.text(advice, width: $0, color: $1) }
        if advice.contains(where: { !$0.gaps.isEmpty }) { try ExitStatus.incomplete.leave() }
    }

    private static func text(_ advice: [Advice], width: Int?, color: Bool) -> String {
        var text = ""
        for host in advice {
            let name = host.host
            text += TextRole.heading.paint("\(name)", color: color) + "\n"
            if host.proposals.isEmpty, host.gaps.isEmpty { text += "Nothing is left to account for.\n" }
            var table = TextTable([
                .init("PATH", shrinks: true), .init("CLASS"), .init("PROPOSAL"), .init("PATHS", .right),
                .init("SIZE", .right), .init("WRITTEN BY", shrinks: true), .init("WHY", shrinks: true),
            ])
            for proposal in host.proposals {
                table.add([
                    .init(proposal.path), .init(proposal.stateClass.rawValue),
                    .init(proposal.words, proposal.action == .accept ? .muted : .good), .init(proposal.covers),
                    .init(ByteCount.text(proposal.size)), .init(host.origins[proposal.path]?.words ?? "?", .muted),
                    .init(proposal.reason, .muted),
                ])
            }
            text += table.rendered(width: width, color: color)
            for gap in host.gaps {
                text += TextRole.warning.paint("unknown: " + PrintableText.line(gap.words), color: color) + "\n"
            }
            let declarations = declarations(host)
            if !declarations.isEmpty { text += "\n" + declarations }
            text += "\n"
        }
        return text
    }

    /// What `ebb inventory check` takes as it is: the YAML to copy, or nothing.
    static func declarations(_ advice: Advice) -> String {
        let lines = advice.proposals.compactMap { $0.yaml(advice.origins[$0.path]) }
        guard !lines.isEmpty else { return "" }
        let storage =
            advice.hasStorage
            ? "" : "  persist: [{mount: \(Proposal.assumedStorage.mount)}]  # where persistent storage is mounted\n"
        return "ebb:  # host_vars/\(advice.host).yml, or a group's where it holds for all of it\n" + storage
            + "  persistence:\n" + lines.map { "    - \($0)\n" }.joined()
    }

    private static func json(_ advice: [Advice]) -> JSON {
        [
            "schema": "ebb.persistence.suggest/1",
            "hosts": .array(
                advice.map { host in
                    [
                        "host": .string(host.host.text), "complete": .bool(host.gaps.isEmpty),
                        "proposals": .array(host.proposals.map { $0.json(host.origins[$0.path]) }),
                        "gaps": .array(host.gaps.map(\.json)),
                    ]
                }),
        ]
    }
}

extension Attribution {
    /// Package, unit and account, as far as they are known.
    fileprivate var words: String {
        var parts: [String] = []
        if let unit { parts.append(unit) }
        if let package { parts.append("package \(package)") }
        if let owner { parts.append("user \(owner)") }
        return parts.isEmpty ? "?" : parts.joined(separator: ", ")
    }
}

extension Proposal {
    fileprivate var words: String {
        switch action {
        case .accept: "accept the loss"
        case .keep where isObstructed: "keep, see why"
        case .keep(let mechanism): preset.map { "preset \($0)" } ?? "keep: \(mechanism.rawValue)"
        }
    }

    /// The declaration, for a path that is text; what hides in it would be written out.
    fileprivate func yaml(_ origin: Attribution?) -> String? {
        guard !isObstructed, case .keep(let mechanism) = action, let text = path.text, !MapReader.isTemplate(text)
        else { return nil }
        var parts = [
            "path: \(YAMLText.quoted(text))", "mechanism: \(mechanism.rawValue)", "class: \(stateClass.rawValue)",
        ]
        // A link is owned by whoever makes it; what a bind shows belongs to its program.
        if mechanism == .bind, let origin, let owner = origin.owner, let group = origin.group, Self.isAccount(owner),
            Self.isAccount(group)
        {
            parts += ["owner: \(YAMLText.word(owner))", "group: \(YAMLText.word(group))"]
            if let mode = origin.mode {
                let digits = String(mode, radix: 8)
                parts.append("mode: \"\(String(repeating: "0", count: max(0, 4 - digits.count)) + digits)\"")
            }
        }
        return "{" + parts.joined(separator: ", ") + "}"
    }

    /// Whether an inventory may name it: not what `stat` says of a number without a name.
    private static func isAccount(_ name: String) -> Bool {
        let isFit = name.utf8.allSatisfy { (33...126).contains($0) && $0 != UInt8(ascii: ":") }
        return isFit && !name.isEmpty && !name.hasPrefix("-") && name != "UNKNOWN"
    }

    fileprivate func json(_ origin: Attribution?) -> JSON {
        var members: [JSON.Member] = [.init("path", .string(path.printable))]
        if path.text == nil { members.append(.init("pathBase64", .string(path.base64))) }
        let mechanism: String? = if case .keep(let mechanism) = action { mechanism.rawValue } else { nil }
        members += [
            .init("action", .string(mechanism == nil ? "accept" : "keep")), .init("mechanism", .optional(mechanism)),
            .init("class", .string(stateClass.rawValue)), .init("preset", .optional(preset)),
            .init("entryCount", .count(covers)), .init("size", .count(size)), .init("reason", .string(reason)),
            .init("unit", .optional(origin?.unit)), .init("package", .optional(origin?.package)),
            .init("owner", .optional(origin?.owner)), .init("group", .optional(origin?.group)),
            .init("mode", .optional(origin?.mode.map { String($0, radix: 8) })),
        ]
        return .object(members)
    }
}
