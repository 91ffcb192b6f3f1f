import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// Attempts to reboot, as a table.
struct AttemptTable {
    let attempts: [StoredAttempt]
    let now: Date
    /// On a host's own page the rollout is named instead.
    let showsHost: Bool

    var markup: Markup {
        var columns: [MarkupTable<StoredAttempt>.Column] = [
            showsHost
                ? .init("Host", .head) { Words.link(to: $0.host) }
                : .init("Rollout", .head) { Words.link(to: $0.rollout) },
            .init("State", .plain) { "<div>\(Words.badge($0.state))</div>" },
        ]
        // A rollout's page has a table for each wave.
        if !showsHost { columns.append(.init("Wave", .number) { "\($0.wave + 1)" }) }
        columns += [
            .init("Took", .number) { took($0) }, .init("Updated") { Words.ago($0.updatedAt, now) },
            .init("Why", .plain) { attempt in
                let override = attempt.override.map { override -> Markup in
                    """
                    <div class="sub">overridden by \(override.author): \(override.reason)</div>
                    """
                }
                return "\(attempt.reason ?? "")\(override)"
            },
        ]
        return MarkupTable("cards attempts", columns).markup(attempts)
    }

    /// From the reboot to the end, or until now; nothing where nothing was begun.
    private func took(_ attempt: StoredAttempt) -> Markup {
        guard attempt.state != .planned else { return "<span class=\"none\">not started</span>" }
        let end = attempt.state.isFinal ? attempt.updatedAt : now
        return "\(Words.span(end.timeIntervalSince(attempt.sentAt ?? attempt.createdAt)))"
    }
}
