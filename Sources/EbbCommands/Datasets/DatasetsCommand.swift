import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbSetup
import EbbStore
import FoundationEssentials

/// `ebb datasets`: the declared datasets and subvolumes beside what the hosts have.
struct DatasetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datasets", abstract: "Plans and makes declared datasets, subvolumes and blanks; destroys none.",
        subcommands: [DatasetsPlanCommand.self, DatasetsApplyCommand.self]
    ).example("ebb datasets plan db1")
}

/// `ebb datasets plan`: what would be made and set, and what stands in the way; changes nothing.
struct DatasetsPlanCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Says what would be made and set; changes nothing.",
        discussion: """
            Exit status 3 when something is refused or keeps a boot from erasing, 4 when a host \
            could not be asked.
            """
    ).example("ebb datasets plan db1")

    @OptionGroup var chosen: ChosenHosts

    fileprivate static let noneDeclared = "no selected host declares datasets: set `ebb.datasets` (docs/inventory.md)"

    func run() async throws {
        let (format, fleet) = try await open()
        let engine = try await fleet.engine()
        let hosts = fleet.selected.filter { !$0.datasets.isEmpty }
        let view = DatasetsView(looks: await engine.datasets(of: hosts, applying: false), isApplied: false)
        try options.results.write(as: format, json: view.json) { _, _ in view.text }
        if hosts.isEmpty { options.notes.note(Self.noneDeclared) }
        try view.status.leave()
    }
}

/// `ebb datasets apply`: makes what is declared and missing, and records the blanks' identities.
struct DatasetsApplyCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Makes and sets what is declared; destroys nothing.",
        discussion: """
            Prints the plan as it stands afterwards: where everything says `nothing`, all is as \
            declared. What identifies each blank is recorded, so that one that somebody makes anew \
            is noticed. A blank that was recorded and is gone, or is another one, is refused until \
            --forget-blank removes the old one from the record.
            """
    ).example("ebb datasets apply db1")

    @Option(help: .init("Take this blank off the record of the selected host first.", valueName: "name"))
    var forgetBlank: [String] = []

    @OptionGroup var chosen: NamedHosts

    func run() async throws {
        let (format, fleet) = try await open()
        let engine = try await fleet.engine()
        let hosts = fleet.selected.filter { !$0.datasets.isEmpty }
        if !forgetBlank.isEmpty {
            guard let host = fleet.selected.first?.host, fleet.selected.count == 1 else {
                throw Failure(
                    .usage, "--forget-blank needs a pattern that selects one host",
                    hint: "`ebb datasets apply HOST --forget-blank NAME`")
            }
            for name in forgetBlank {
                let store = try await fleet.store()
                guard try await store.forgetBlank(host: host, name, at: Date()) else {
                    let known = try await store.blanks(of: host).map(\.name)
                    throw Failure(
                        .usage, "no blank \(name) of \(host) is on record",
                        hint: known.isEmpty ? nil : "on record: " + known.joined(separator: ", "))
                }
            }
        }
        let view = DatasetsView(looks: await engine.datasets(of: hosts, applying: true), isApplied: true)
        try options.results.write(as: format, json: view.json) { _, _ in view.text }
        if hosts.isEmpty { options.notes.note(DatasetsPlanCommand.noneDeclared) }
        for look in view.looks {
            options.notes.note("\(look.settings.host): \(Counted.text(look.done, "command")) carried out")
        }
        try view.status.leave()
    }
}

/// The plans of several hosts, as a table or a document.
struct DatasetsView {
    let looks: [DatasetLook]
    /// Whether the plans are what is left after they were carried out.
    let isApplied: Bool

    var status: ExitStatus {
        looks.reduce(ExitStatus.success) { status, look in
            guard let plan = look.plan, look.gap == nil else { return status.merged(with: .incomplete) }
            let isBad = plan.hasRefusals || plan.findings.contains(where: \.blocksErasing)
            return isBad ? status.merged(with: .findings) : status
        }
    }

    var text: String {
        looks.map { look in
            let gap = look.gap.map { "  unknown: \(PrintableText.line($0.message))\n" } ?? ""
            let plan = (look.plan?.text ?? "").split(separator: "\n").map { "  \($0)\n" }.joined()
            return "\(look.settings.host.text)\n" + plan + gap
        }.joined()
    }

    var json: JSON {
        [
            "schema": "ebb.datasets/1", "applied": .bool(isApplied),
            "hosts": .array(
                looks.map { look in
                    [
                        "host": .string(look.settings.host.text),
                        "complete": .bool(look.plan != nil && look.gap == nil),
                        "settled": .bool(look.plan?.isSettled == true && look.gap == nil), "done": .count(look.done),
                        "items": .array(look.plan?.items.map(\.json) ?? []),
                        "findings": .array(look.plan?.findings.map(\.json) ?? []),
                        "gaps": .array(look.gap.map { [$0.json] } ?? []),
                    ]
                }),
        ]
    }
}

extension DatasetPlan.Item {
    var json: JSON {
        let decided: (word: String, reason: String?, changes: [DatasetPlan.Change]) =
            switch decision {
            case .create(let changes): ("create", nil, changes)
            case .set(let changes): ("set", nil, changes)
            case .snapshot: ("snapshot", nil, [])
            case .mount(let device): ("mount", device, [])
            case .nothing: ("nothing", nil, [])
            case .refused(let reason): ("refused", reason, [])
            }
        return [
            "name": .string(name), "decision": .string(decided.word), "reason": .optional(decided.reason),
            "changes": .array(
                decided.changes.map {
                    ["property": .string($0.property), "from": .optional($0.from), "to": .string($0.to)]
                }), "notes": .array(notes.map { .string($0) }),
        ]
    }
}

extension DatasetPlan.Finding {
    var json: JSON {
        [
            "code": .string(code.rawValue), "name": .string(name), "message": .string(message),
            "blocksErasing": .bool(blocksErasing),
        ]
    }
}
