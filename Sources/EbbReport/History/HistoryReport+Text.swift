import EbbModel
import FoundationEssentials

extension HistoryReport {
    /// The report for a person: boots, the trend, then paths.
    package func text(width: Int?, color: Bool) -> String {
        let proven = boots.count { $0.verdict?.isProven == true }
        var text = TextRole.heading.paint(
            "\(host): \(boots.count) boots seen, \(proven) proven, \(observations.count) observations", color: color)
        text += "\n"
        if !boots.isEmpty {
            text += "\n" + bootTable.rendered(width: width, color: color)
            for boot in boots { text += troubles(of: boot, color: color) }
        }
        if let trend { text += "\n" + trend + "\n" }
        if !intervals.isEmpty { text += "\n" + pathTable.rendered(width: width, color: color) }
        return text
    }

    private var bootTable: TextTable {
        var table = TextTable([
            .init("BOOT"), .init("FIRST SEEN"), .init("LAST SEEN", yields: true), .init("ORDERED", yields: true),
            .init("ROOT"), .init("DECLARED"), .init("UNDONE", .right), .init("CAME BACK", .right, yields: true),
            .init("SURVIVED", .right, yields: true), .init("MISSED", .right, yields: true), .init("PRECISION", .right),
            .init("RECALL", .right),
        ])
        for boot in boots {
            var cells: [TextTable.Cell] = [
                .init(Self.short(boot.bootID), .emphasis), .init(TextDuration.minute(boot.firstSeen)),
                .init(TextDuration.minute(boot.lastSeen)), .init(boot.isOrdered ? "by Ebb" : "no", .muted),
                .init(boot.verdict?.erasure.rawValue ?? "not judged", boot.verdict?.erasure.role ?? .muted),
                .init(boot.verdict?.retention.rawValue ?? "", boot.verdict?.retention.role ?? .muted),
            ]
            if let found = boot.prediction {
                cells += [
                    .init(found.undone), .init(found.returned),
                    .init(found.survived, found.survived > 0 ? .bad : .plain),
                    .init(found.missed, found.missed > 0 ? .bad : .plain), Self.share(found.precision),
                    Self.share(found.recall),
                ]
            } else {
                cells.append(.init("?", .muted))
            }
            table.add(cells)
        }
        return table
    }

    /// What a prediction got wrong, path by path.
    private func troubles(of boot: Boot, color: Bool) -> String {
        guard let found = boot.prediction else { return "" }
        var lines: [String] = []
        for (paths, count, what) in [
            (found.survivors, found.survived, "was to be undone and is still there"),
            (found.missedPaths, found.missed, "was not predicted"),
        ] {
            lines += paths.map { "\(Self.short(boot.bootID)): \($0.printable) \(what)" }
            if count > paths.count { lines.append("\(Self.short(boot.bootID)): and \(count - paths.count) more") }
        }
        return lines.map { TextRole.bad.paint($0, color: color) + "\n" }.joined()
    }

    /// Paths at risk over the last complete observations, oldest first.
    private var trend: String? {
        let counts = observations.compactMap(\.atRisk).prefix(48).reversed().map { $0 }
        guard counts.count > 1, let last = counts.last, let most = counts.max() else { return nil }
        let marks = Array("▁▂▃▄▅▆▇█")
        let bars = counts.map { marks[most == 0 ? 0 : $0 * (marks.count - 1) / most] }
        return "at risk  \(String(bars))  \(last) now, \(most) at most"
    }

    private var pathTable: TextTable {
        TextTable.of(
            intervals,
            [
                .path, .verdict, .stateClass.yielding, .change.yielding, .size.yielding, .firstSeen,
                .init("firstBoot", "IN BOOT", yields: true) { .word($0.firstBoot.map(Self.short) ?? "?", .muted) },
                .init("lastSeen", "LAST SEEN") { $0.lastSeen.map { .instant($0) } ?? .word("still there", .warning) },
                .init("lastBoot", "IN BOOT", yields: true) {
                    .word($0.lastSeen == nil ? "" : $0.lastBoot.map(Self.short) ?? "?", .muted)
                },
            ])
    }

    private static func short(_ boot: BootID) -> String { String(boot.text.prefix(8)) }

    private static func share(_ value: Double?) -> TextTable.Cell {
        guard let value else { return .init("—", .muted) }
        if value == 1 { return .init("100%", .good) }
        // Anything short of everything is never rounded up to it.
        let tenths = min(Int(value * 1_000), 999)
        return .init("\(tenths / 10).\(tenths % 10)%", .bad)
    }
}
