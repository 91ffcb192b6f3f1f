import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// Shows rollouts as the database has them.
struct RolloutView: Sendable {
    let store: Store

    /// Writes one rollout and leaves with its exit status.
    func show(_ id: RolloutID, as format: OutputFormat, _ options: GlobalOptions, isInterrupted: Bool = false)
        async throws
    {
        let report = try await store.rolloutReport(id, isInterrupted: isInterrupted)
        try options.results.write(as: format, json: report.json) { report.text(width: $0, color: $1) }
        try report.exitStatus.leave()
    }
}
