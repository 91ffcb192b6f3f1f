import EbbModel
import EbbStore
import FoundationEssentials

/// Attempts to reboot, as a table.
struct AttemptTable {
    let attempts: [StoredAttempt]
    let now: Date
    /// On a host's own page the rollout is named instead.
    let showsHost: Bool

    var html: HTML {
        let rows = attempts.map { attempt -> HTML in
            let head: HTML =
                showsHost
                ? Words.link(to: attempt.host)
                : "<a href=\"/rollouts/\(attempt.rollout.value)\">rollout \(attempt.rollout.value)</a>"
            let override = attempt.override.map { override -> HTML in
                "<div class=\"sub\">overridden by \(override.author): \(override.reason)</div>"
            }
            // A rollout's page has a table for each wave.
            let wave: HTML? =
                showsHost ? nil : "<td data-label=\"Wave\" class=\"num\">\(attempt.wave + 1)</td>"
            return """
                <tr><th scope="row">\(head)</th>\
                <td><div>\(Words.badge(attempt.state))</div></td>\(wave)\
                <td data-label="Took" class="num">\(took(attempt))</td>\
                <td data-label="Updated">\(Words.ago(attempt.updatedAt, now))</td>\
                <td>\(attempt.reason ?? "")\(override)</td></tr>

                """
        }
        let wave: HTML? = showsHost ? nil : "<th scope=\"col\" class=\"num\">Wave</th>"
        return """
            <div class="scroll" tabindex="0"><table class="cards attempts"><thead><tr>\
            <th scope="col">\(showsHost ? "Host" : "Rollout")</th><th scope="col">State</th>\
            \(wave)<th scope="col" class="num">Took</th>\
            <th scope="col">Updated</th><th scope="col">Why</th></tr></thead><tbody>
            \(rows)</tbody></table></div>
            """
    }

    /// From the reboot to the end, or until now; nothing where nothing was begun.
    private func took(_ attempt: StoredAttempt) -> HTML {
        guard attempt.state != .planned else { return "<span class=\"none\">not begun</span>" }
        let end = attempt.state.isFinal ? attempt.updatedAt : now
        return "\(Words.span(end.timeIntervalSince(attempt.sentAt ?? attempt.createdAt)))"
    }
}
