import EbbModel
import FoundationEssentials

extension DriftReport {
    /// The report for a person: what is at risk, most dangerous first, then each host's totals.
    package func text(width: Int?, color: Bool) -> String {
        var text = atRisk(width: width, color: color)
        if !text.isEmpty { text += "\n" }
        text += totals(width: width, color: color)
        for host in hosts {
            for finding in host.declared where finding.verdict != .inEffect {
                let line =
                    "\(host.host): declared \(PrintableText.path(finding.entry.path.utf8)) is "
                    + "\(finding.verdict.rawValue): \(PrintableText.line(finding.reason))"
                text += TextRole.bad.paint(line, color: color) + "\n"
            }
        }
        return text + unorderedBoots(color: color) + unknowns(color: color) + "\n" + conclusion(color: color)
    }

    /// Boots that Ebb did not order and that were met here for the first time, and those that were judged and not proven.
    private func unorderedBoots(color: Bool) -> String {
        var text = ""
        for host in hosts {
            let isKnown = host.isFailed || host.attempt == .inconclusive || (host.isOverridden && host.isOpen)
            guard let verdict = host.unorderedBoot ?? (isKnown ? host.boot : nil) else { continue }
            let isGood = verdict.isProven && !isKnown
            let what =
                host.unorderedBoot == nil || host.attempt != nil
                ? "runs a boot that was judged" : "rebooted, not by Ebb:"
            let end = host.isOverridden ? "overridden, which proves nothing" : host.attempt?.rawValue
            let attempt = isKnown ? end.map { " (the attempt: \($0))" } ?? "" : ""
            let more = isGood ? "" : "\(attempt); see `ebb history \(host.host)`"
            let line = "\(host.host): \(what) \(verdict.erasure.rawValue), \(verdict.retention.rawValue)\(more)"
            let role: TextRole = isGood ? .muted : host.isFailed ? .bad : .warning
            text += role.paint(line, color: color) + "\n"
        }
        for host in hosts where !host.undecided.isEmpty {
            let line = "\(host.host): undecided: " + PrintableText.line(host.undecided.words(of: host.host))
            text += TextRole.warning.paint(line, color: color) + "\n"
        }
        return text
    }

    /// What could not be learned, a line each.
    func unknowns(color: Bool) -> String {
        hosts.flatMap { host in host.gaps.map { Self.unknown($0, of: "\(host.host): ", color: color) } }.joined()
    }

    static func unknown(_ gap: ProbeGap, of host: String = "", color: Bool) -> String {
        let line = "\(host)unknown: \(PrintableText.line(gap.words))"
        return TextRole.warning.paint(line, color: color) + "\n"
    }

    /// Leaked first, then what cannot be made again, then by size.
    package static func isMoreDangerous(_ left: Line, _ right: Line) -> Bool {
        // The larger comes first, so the sizes stand on each other's side.
        let a = (left.entry.verdict.danger, left.entry.stateClass.danger, right.size ?? 0)
        let b = (right.entry.verdict.danger, right.entry.stateClass.danger, left.size ?? 0)
        return a == b ? left.entry.change.path < right.entry.change.path : a < b
    }

    /// Columns that a terminal must have for everything to be told side by side.
    private static let wide = 110

    private func atRisk(width: Int?, color: Bool) -> String {
        let rows = hosts.flatMap { host in
            host.lines.sorted(by: Self.isMoreDangerous).map { HostLine(host: host.host, line: $0) }
        }
        // The path comes late: where it is cut short, the next steps name the command that shows it.
        let columns: [ReportColumn<HostLine>] = [
            .init("host") { .word($0.host.text, .emphasis) }, .verdict, .stateClass, .change, .size, .path, .advice,
        ]
        return TextTable.of(rows, columns).rendered(width: width, color: color)
    }

    /// A line with the host that it is of.
    private struct HostLine: EntryRow {
        let host: HostName
        let line: Line
        var entry: DriftEntry { line.entry }
        var size: Int64? { line.size }
        var entryCount: Int { line.entryCount }
        var firstSeenAt: Date? { line.firstSeen }
    }

    private func totals(width: Int?, color: Bool) -> String {
        let isWide = width.map { $0 >= Self.wide } ?? true
        // What is accounted for is one number where there is no room for five.
        let groups: [(title: String, verdicts: [PathVerdict])] =
            isWide
            ? PathVerdict.allCases.map { ($0.rawValue.uppercased(), [$0]) }
            : [("ACCOUNTED FOR", PathVerdict.allCases.filter { !$0.isAtRisk })]
                + PathVerdict.allCases.filter(\.isAtRisk).map { ($0.rawValue.uppercased(), [$0]) }
        var table = TextTable(
            [.init("HOST", shrinks: true), .init("ROOT"), .init("STATE")] + groups.map { .init($0.title, .right) } + [
                .init("AT RISK", .right), .init("TOOK", .right),
            ])
        for host in hosts {
            let state: TextTable.Cell =
                switch (host.outcome, host.isComplete) {
                // A word for the worst that is known; the lines below say the rest.
                case (.ok, true) where host.isFailed: .init("failed boot", .bad)
                case (.ok, true) where !host.undecided.isEmpty: .init("undecided", .warning)
                case (.ok, true) where host.isOpen: .init("not proven", .warning)
                case (.ok, true): .init(host.isAtRisk ? "drift" : "clean", host.isAtRisk ? .bad : .good)
                case (.ok, false): .init("incomplete", .warning)
                default: .init(host.outcome.rawValue, .warning)
                }
            let known = host.outcome == .ok || host.driftAt != nil
            let counts = groups.map { group -> TextTable.Cell in
                let count = group.verdicts.map { host.counts[$0] ?? 0 }.clampedSum
                guard known else { return .init("?", .warning) }
                let isBad = count > 0 && group.verdicts.allSatisfy(\.isAtRisk)
                return .init("\(count)", isBad ? .bad : .plain)
            }
            let risk = host.bytes.values.clampedSum
            table.add(
                [.init(host.host.text, .emphasis), .init(host.strategy?.rawValue ?? "?"), state] + counts + [
                    .init(known ? ByteCount.text(risk) : "?"), .init(host.duration.map { TextDuration.text($0) } ?? ""),
                ])
        }
        return table.rendered(width: width, color: color)
    }

    /// How many hosts are clean, how long it took, and what to do next.
    func conclusion(color: Bool) -> String {
        let unknown = hosts.filter { !$0.isComplete }.count
        let risk = hosts.filter { $0.isComplete && $0.isAtRisk }.count
        let clean = hosts.filter { $0.isComplete && !$0.isAtRisk && !$0.isFailed && !$0.isOpen }.count
        let unproven = hosts.count - unknown - risk - clean
        let noun = hosts.count == 1 ? "host" : "hosts"
        var line = "\(hosts.count) \(noun): \(clean) clean, \(risk) would lose something"
        if unproven > 0 { line += ", \(unproven) in a boot that is not proven" }
        if unknown > 0 { line += ", \(unknown) not known" }
        let times = hosts.compactMap { host in host.duration.map { (host: host.host, duration: $0) } }
        if let slowest = times.max(by: { $0.duration < $1.duration }) {
            line += "; slowest: \(slowest.host) \(TextDuration.text(slowest.duration))"
        }
        if let wall { line += "; all took \(TextDuration.text(wall))" }
        let role: TextRole = unknown + unproven > 0 ? .warning : risk > 0 ? .bad : .good
        return role.paint(line + ".", color: color) + "\n" + nextSteps(color: color)
    }

    private func nextSteps(color: Bool) -> String {
        var steps: [String] = []
        if let host = hosts.first(where: { !$0.isComplete }) {
            steps.append(
                host.gaps.contains(.neverObserved)
                    ? "`ebb drift \(host.host)` observes it" : "`ebb doctor \(host.host)` shows why it is not known")
        }
        if let host = hosts.first(where: { host in
            host.counts[.leaked, default: 0] > 0 || host.declared.contains { $0.verdict != .inEffect }
        }) {
            steps.append("`ebb persistence verify \(host.host)` shows what is declared and not kept")
        }
        if let host = hosts.first(where: { $0.counts[.unexplained, default: 0] > 0 }) {
            steps.append("`ebb persistence suggest \(host.host)` proposes what to declare")
            steps.append("`ebb drift accept PATH --reason …` records that a loss is meant")
        }
        return steps.map { TextRole.muted.paint("→ " + $0, color: color) + "\n" }.joined()
    }

    /// The report as one tree per host: what is at risk, where it lies.
    package func tree(color: Bool) -> String {
        var text = ""
        for host in hosts {
            let risk = host.bytes.values.clampedSum
            let heading =
                host.outcome == .ok || host.driftAt != nil
                ? "\(host.host)  \(host.strategy?.rawValue ?? "?")  \(ByteCount.text(risk)) at risk"
                : "\(host.host)  \(host.outcome.rawValue)"
            text += TextRole.heading.paint(heading, color: color) + "\n"
            var root = Branch()
            for line in host.lines { root.insert(line) }
            text += root.rendered(indent: "", color: color)
            text += host.gaps.map { Self.unknown($0, color: color) }.joined()
            text += "\n"
        }
        return text + conclusion(color: color)
    }

    /// A directory of the tree, with what is said of itself.
    private struct Branch {
        var lines: [Line] = []
        var children: [(name: [UInt8], branch: Branch)] = []

        mutating func insert(_ line: Line) {
            insert(line, line.entry.change.path.bytes.split(separator: UInt8(ascii: "/"))[...])
        }

        private mutating func insert(_ line: Line, _ components: ArraySlice<ArraySlice<UInt8>>) {
            guard let first = components.first else {
                lines.append(line)
                return
            }
            // Lines come sorted, so that a known name is mostly the last one.
            let name = Array(first)
            let index =
                children.lastIndex { $0.name == name }
                ?? {
                    children.append((name, Branch()))
                    return children.count - 1
                }()
            children[index].branch.insert(line, components.dropFirst())
        }

        func rendered(indent: String, color: Bool) -> String {
            var text = ""
            for (index, child) in children.enumerated() {
                var name = PrintableText.path(child.name)
                var branch = child.branch
                // Directories that only lead on stand on one line with what they lead to.
                while branch.lines.isEmpty, branch.children.count == 1, let only = branch.children.first {
                    name += "/" + PrintableText.path(only.name)
                    branch = only.branch
                }
                let isLast = index == children.count - 1
                text += indent + (isLast ? "└── " : "├── ")
                text += branch.label(name, color: color) + "\n"
                text += branch.rendered(indent: indent + (isLast ? "    " : "│   "), color: color)
            }
            return text
        }

        private func label(_ name: String, color: Bool) -> String {
            guard let line = lines.first else { return name + "/" }
            let change = line.entry.change
            var text = name
            if change.kind == .directory { text += "/" }
            if change.kind == .symlink, let target = change.linkTarget { text += " → \(target.printable)" }
            text = line.entry.verdict.role.paint(text, color: color)
            var notes = [line.entry.verdict.rawValue, line.entry.stateClass.rawValue]
            if change.change != .added { notes.append(change.change.rawValue) }
            if let old = change.renamedFrom { notes.append("from \(old.printable)") }
            if line.entryCount > 1 { notes.append("\(line.entryCount) paths") }
            if let size = line.size { notes.append(ByteCount.text(size)) }
            return text + "  " + TextRole.muted.paint(notes.joined(separator: ", "), color: color)
        }
    }
}

extension PathVerdict {
    private static let byDanger: [Self] = [
        .leaked, .unexplained, .accepted, .regenerated, .persisted, .managed, .noise,
    ]

    fileprivate var danger: Int { Self.byDanger.firstIndex(of: self) ?? Self.byDanger.count }

    /// How the verdict is colored.
    package var role: TextRole {
        switch self {
        case .leaked: .bad
        case .unexplained: .warning
        case .persisted: .good
        case .managed, .regenerated, .accepted, .noise: .muted
        }
    }
}

extension StateClass {
    private static let byDanger: [Self] = [
        .identity, .secret, .precious, .config, .unknown, .regenerable, .log, .cache, .noise,
    ]

    fileprivate var danger: Int { Self.byDanger.firstIndex(of: self) ?? Self.byDanger.count }

    /// How the class is colored.
    var role: TextRole {
        switch self {
        case .identity, .secret, .precious: .bad
        case .config, .unknown: .warning
        case .regenerable, .cache, .log, .noise: .muted
        }
    }
}
