import EbbEngine
import EbbModel
import EbbReport
import EbbStore

/// Follows a rollout in the database, whoever runs it, until it ends or nobody runs it any more.
struct RolloutFollower: Sendable {
    let store: Store
    let notes: Notes

    func follow(_ id: RolloutID) async throws {
        let isDrawn = RolloutScreen.isPossible(notes)
        defer { if isDrawn { Terminal.error.showLive("") } }
        var last: [HostName: String] = [:]
        while true {
            let report = try await store.rolloutReport(id)
            if isDrawn {
                let size = Terminal.error.size
                let text = report.text(width: size.columns - 1, color: notes.isColored)
                Terminal.error.showLive(Self.fitted(text, to: size.rows - 1))
            } else {
                for host in report.hosts {
                    let line = [host.state.rawValue, host.reason ?? "", host.message].filter { !$0.isEmpty }.joined(
                        separator: ", ")
                    guard last[host.host] != line else { continue }
                    last[host.host] = line
                    notes.note("\(host.host): \(line)")
                }
            }
            guard report.state == RolloutState.running.rawValue else { return }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// The heading, as many hosts as fit, and the summary at the end.
    private static func fitted(_ text: String, to rows: Int) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard lines.count > rows, rows > 4 else { return text }
        let shown = lines.prefix(rows - 3) + ["…"] + lines.suffix(2)
        return shown.map { $0 + "\n" }.joined()
    }
}
