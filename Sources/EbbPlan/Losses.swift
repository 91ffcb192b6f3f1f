package import EbbModel

/// What a boot would erase for which somebody has to agree first.
///
/// That is declared paths whose writes landed on the root; unexplained identity, secrets and what is
/// precious; and unexplained content of unknown class, where its sum is above `unknown_loss_max`.
package struct Losses: Sendable, Hashable {
    /// How many paths are named.
    private static let limit = 10

    private struct Named: Sendable, Hashable {
        let path: BytePath
        let what: String
    }

    private var valuable: [Named] = []
    private var valuables = 0
    private var unknown: [Named] = []
    private var unknowns = 0
    private var unknownBytes: Int64 = 0
    private let unknownLossMax: Int64

    package init(_ entries: some DriftSource, settings: HostSettings) throws {
        self.init(settings: settings)
        try entries.forEachEntry { take($0) }
    }

    /// Nothing yet.
    package init(settings: HostSettings) { unknownLossMax = Int64(settings.reboot.unknownLossMax) }

    /// Counts one more path.
    package mutating func take(_ entry: DriftEntry) {
        guard entry.verdict.isAtRisk else { return }
        let change = entry.change
        // What is in a new directory counts by itself; one that holds nothing is no loss.
        if change.kind == .directory, change.change == .added { return }
        if entry.verdict == .leaked || Self.isValuable(entry.stateClass) {
            valuables += 1
            let leaked = entry.verdict == .leaked ? "leaked, " : ""
            if valuables <= Self.limit {
                valuable.append(Named(path: change.path, what: leaked + entry.stateClass.rawValue))
            }
            return
        }
        guard entry.stateClass == .unknown, change.kind == .file, change.change != .removed else { return }
        unknowns += 1
        unknownBytes = unknownBytes.addingClamped(change.size ?? 0)
        if unknowns <= Self.limit { unknown.append(Named(path: change.path, what: "unknown")) }
    }

    private static func isValuable(_ stateClass: StateClass) -> Bool {
        switch stateClass {
        case .identity, .secret, .precious: true
        case .config, .regenerable, .cache, .log, .noise, .unknown: false
        }
    }

    private var isTooMuchUnknown: Bool { unknownBytes > unknownLossMax }

    /// Whether somebody has to agree.
    package var needConsent: Bool { valuables > 0 || isTooMuchUnknown }

    /// What would go, at most ten paths and how many more there are; empty where nobody has to agree.
    package var text: String {
        let named = (valuable + (isTooMuchUnknown ? unknown : [])).prefix(Self.limit)
        let more = valuables + (isTooMuchUnknown ? unknowns : 0) - named.count
        var text = named.map { "\($0.path.printable) (\($0.what))" }.joined(separator: ", ")
        if more > 0 { text += " and \(more) more" }
        if isTooMuchUnknown {
            text += "; \(unknownBytes) bytes of unknown content, above unknown_loss_max \(unknownLossMax)"
        }
        return text
    }

    /// Why the host is left alone.
    package var objection: String { "would lose \(text): declare it, or agree with --accept-loss" }
}
