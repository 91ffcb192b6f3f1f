package import EbbModel
package import EbbReport
package import EbbStore
import FoundationEssentials

extension Store {
    /// What is stored of one host: at most so many boots, observations and paths; only paths at or
    /// below `path`, where one is given.
    package func historyReport(of name: HostName, path: BytePath?, allVerdicts: Bool, limit: Int) async throws
        -> HistoryReport
    {
        let comparisons = try await comparisons(of: name, limit: limit)
        let boots = try await boots(of: name, limit: limit).map { boot in
            HistoryReport.Boot(
                bootID: boot.bootID, firstSeen: boot.firstSeen, lastSeen: boot.lastSeen, attempt: boot.attempt?.value,
                verdict: boot.verdict, prediction: comparisons[boot.bootID])
        }
        let observations = try await history(of: name, limit: limit).map { seen in
            HistoryReport.Observation(
                at: seen.observedAt, purpose: seen.kind.rawValue, bootID: seen.bootID,
                isReachable: seen.observation?.isReachable ?? false, isComplete: seen.observation?.isComplete ?? false,
                counts: seen.judgement.map { DriftSurvey.counts($0.counts) })
        }
        let intervals = try await driftHistory(of: name, limit: 1_000_000).filter { interval in
            let entry = interval.entry
            return (allVerdicts || entry.verdict.isAtRisk) && (path.map { entry.change.path.isInside($0) } ?? true)
        }.prefix(limit)
        return HistoryReport(
            generatedAt: Date(), host: name, boots: boots, observations: observations, intervals: Array(intervals))
    }
}
