import ArgumentParser
import EbbClassifier
import EbbEngine
import EbbModel
import EbbProbe
import EbbReport
import EbbSetup
import EbbStore
import EbbTransport
import FoundationEssentials

/// `ebb persistence`: what is declared, whether it is in effect, and moving data over.
struct PersistenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "persistence", abstract: "Shows, verifies and adopts what survives the boots of a host.",
        subcommands: [
            PersistenceShowCommand.self, PersistenceVerifyCommand.self, PersistenceAdoptCommand.self,
            PersistenceSuggestCommand.self, PersistenceOrphansCommand.self,
        ]
    ).example("ebb persistence verify db1")
}

/// `ebb persistence show`: the declared paths, presets expanded and targets filled in.
struct PersistenceShowCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Lists what is declared; asks no host."
    ).example("ebb persistence show db1")

    @OptionGroup var chosen: ChosenHosts

    func run() async throws {
        let (format, fleet) = try await open()
        let sets = fleet.selected.map { ($0.host, $0.persistenceSet(fleet.catalogue)) }
        var table = TextTable([
            .init("HOST"), .init("PATH", shrinks: true), .init("MECHANISM"), .init("CLASS"),
            .init("TARGET", shrinks: true), .init("FROM"),
        ])
        for (host, entries) in sets {
            for entry in entries {
                table.add([
                    .init(host.text, .emphasis), .init(entry.path), .init(entry.mechanism.rawValue),
                    .init(entry.stateClass.rawValue), .init(entry.target ?? "?"),
                    .init(entry.preset.map { "preset \($0)" } ?? "inventory", .muted),
                ])
            }
        }
        if sets.allSatisfy(\.1.isEmpty) {
            options.notes.note("no selected host declares a path; `ebb persistence suggest HOST` proposes some")
        }
        let hosts = sets.map { host, entries in
            ["host": .string(host.text), "entries": .array(entries.map(Self.json))] as JSON
        }
        try options.results.write(
            as: format, json: ["schema": "ebb.persistence/1", "hosts": .array(hosts)], table: table)
    }

    private static func json(_ entry: PersistenceEntry) -> JSON {
        [
            "path": .string(entry.path), "mechanism": .string(entry.mechanism.rawValue),
            "class": .string(entry.stateClass.rawValue), "target": .optional(entry.target),
            "owner": .optional(entry.owner), "group": .optional(entry.group),
            "mode": .optional(entry.mode.map { String($0, radix: 8) }), "preset": .optional(entry.preset),
        ]
    }
}

/// `ebb persistence verify`: whether each declared path really is kept, as the host is now.
struct PersistenceVerifyCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Asks the hosts whether what is declared is in effect.",
        discussion: """
            Whether it can be written to is tried: Ebb makes one file, named .ebb-write-test, in its own \
            directory on each persistent storage, and in each declared directory as that directory's \
            owner, and removes it before anything is written to it. Where programs obey every file \
            (write_test: storage, and all of /etc and of class config, secret and identity) only the \
            storage is tried. Nothing else is changed.

            Exit status 3 when something is not in effect, 4 when it is not known.
            """
    ).example("ebb persistence verify web")

    @OptionGroup var chosen: ChosenHosts

    func run() async throws {
        let (format, fleet) = try await open()
        let engine = try await fleet.engine()
        let seen = try await engine.each(fleet.selected) { settings throws(StoreError) in
            try await engine.observe(settings, kind: .drift, triesWrites: true)
        }
        let unknown = options.notes.problems(seen.failed)
        let hosts = seen.done
        let document: JSON = [
            "schema": "ebb.persistence.verify/1",
            "hosts": .array(
                hosts.map { host in
                    [
                        "host": .string(host.settings.host.text),
                        "outcome": .string((host.isKnown ? Outcome.ok : .unreachable).rawValue),
                        "declared": .array(host.known.map(\.json)), "gaps": .array(host.observation.gaps.map(\.json)),
                    ]
                }),
        ]
        try options.results.write(as: format, json: document, table: Self.table(hosts))
        try Self.status(hosts).merged(with: unknown).leave()
    }

    private static func table(_ hosts: [HostObservation]) -> TextTable {
        var table = TextTable([
            .init("HOST"), .init("PATH", shrinks: true), .init("STATE"), .init("WHY", shrinks: true),
        ])
        for host in hosts {
            let name = TextTable.Cell(host.settings.host.text, .emphasis)
            guard host.isKnown else {
                table.add([
                    name, .init("?"), .init("unknown", .warning), .init(host.observation.gaps.first?.message ?? ""),
                ])
                continue
            }
            for finding in host.known {
                let role: TextRole =
                    switch finding.verdict {
                    case .inEffect: .good
                    case .unknown: .warning
                    case .leaked, .missing, .readOnly, .wrongAttributes: .bad
                    }
                table.add([
                    name, .init(finding.entry.path), .init(finding.verdict.rawValue, role), .init(finding.reason),
                ])
            }
        }
        return table
    }

    private static func status(_ hosts: [HostObservation]) -> ExitStatus {
        hosts.reduce(ExitStatus.success) { status, host in
            guard host.isKnown else { return status.merged(with: .incomplete) }
            return host.known.reduce(status) { status, finding in
                switch finding.verdict {
                case .inEffect: status
                case .unknown: status.merged(with: .incomplete)
                case .leaked, .missing, .readOnly, .wrongAttributes: status.merged(with: .findings)
                }
            }
        }
    }
}

extension HostObservation {
    fileprivate var isKnown: Bool { transportError == nil }

    /// The declared paths of which the host said something.
    fileprivate var known: [DeclaredFinding] { isKnown ? declared : [] }
}

/// `ebb persistence orphans`: what lies on persistent storage and nobody declares.
struct PersistenceOrphansCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "orphans", abstract: "Lists undeclared paths on persistent storage.",
        discussion: """
            Each line is the shallowest path that is an orphan as a whole. Nothing is deleted. Exit \
            status 0 whether there are any or not, 4 when a host could not be asked.
            """
    ).example("ebb persistence orphans db1")

    @Flag(help: "Do not add up sizes, which costs a walk over each orphan.") var noSizes = false

    @OptionGroup var chosen: ChosenHosts

    private typealias Answer = Result<[Orphan], ProbeGap>

    func run() async throws {
        let (format, fleet) = try await open()
        let engine = try await fleet.engine()
        let sizes = !noSizes
        let hosts = fleet.selected.filter { !$0.persist.isEmpty }
        let answers = await fanOut(over: hosts, limit: options.parallel) { settings in
            await engine.orphans(settings, sizes: sizes)
        }
        let found = Array(zip(hosts, answers))
        try options.results.write(as: format, json: Self.json(found), table: Self.table(found))
        let isComplete = answers.allSatisfy { if case .success = $0 { true } else { false } }
        try (isComplete ? ExitStatus.success : .incomplete).leave()
    }

    private static func table(_ found: [(HostSettings, Answer)]) -> TextTable {
        var table = TextTable([
            .init("HOST"), .init("PATH", shrinks: true), .init("SIZE"), .init("CHANGED"), .init("FROM"),
        ])
        for (settings, answer) in found {
            let host = TextTable.Cell(settings.host.text, .emphasis)
            switch answer {
            case .failure(let gap):
                table.add([host, .init(gap.message, .warning), .init("?"), .init("?"), .init("unknown")])
            case .success(let orphans):
                for orphan in orphans {
                    table.add([
                        host, .init(orphan.path.printable), .init(orphan.size.map { ByteCount.text($0) } ?? ""),
                        .init(String(orphan.modified.ISO8601Format().prefix(10))), .init(orphan.origin.rawValue),
                    ])
                }
            }
        }
        return table
    }

    private static func json(_ found: [(HostSettings, Answer)]) -> JSON {
        [
            "schema": "ebb.persistence.orphans/1",
            "hosts": .array(
                found.map { settings, answer in
                    let (orphans, gaps): ([Orphan], [ProbeGap]) =
                        switch answer {
                        case .failure(let gap): ([], [gap])
                        case .success(let orphans): (orphans, [])
                        }
                    return [
                        "host": .string(settings.host.text), "complete": .bool(gaps.isEmpty),
                        "orphans": .array(orphans.map(json)), "gaps": .array(gaps.map(\.json)),
                    ]
                }),
        ]
    }

    private static func json(_ orphan: Orphan) -> JSON {
        [
            "path": .string(orphan.path.printable), "kind": .string(orphan.kind.rawValue), "uid": .count(orphan.uid),
            "mode": .string(String(orphan.mode, radix: 8)), "modified": .string(orphan.modified.ISO8601Format()),
            "size": .optional(orphan.size) { .count($0) }, "origin": .string(orphan.origin.rawValue),
        ]
    }
}
