package import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// The paths at risk per day, oldest first; a host counts with its newest judgement until then.
    ///
    /// An observation that did not reach the host says nothing of its drift, least of all that there is none.
    ///
    /// A host that was not judged for `patience` seconds before a day's end no longer counts on
    /// that day: old numbers are no news.
    package func driftTrend(for hosts: [HostName], from: Date, to: Date, patience: Double = 7 * 86_400)
        async throws(StoreError) -> [DriftDay]
    {
        try await read { db in
            let firstDay = from.milliseconds / 86_400_000
            let lastDay = max(firstDay, min(to.milliseconds / 86_400_000, firstDay + 3_660))
            let days = firstDay...lastDay
            var sums = [Counts?](repeating: nil, count: days.count)
            for host in hosts {
                guard let hostID = try db.find(host) else { continue }
                try Self.addDays(of: hostID, days, patience: Int64(patience / 86_400), in: db, to: &sums)
            }
            return zip(days, sums).compactMap { day, sum in
                sum.map {
                    DriftDay(at: Date(milliseconds: day * 86_400_000), unexplained: $0.unexplained, leaked: $0.leaked)
                }
            }
        }
    }

    private typealias Counts = (unexplained: Int, leaked: Int)

    private static func addDays(
        of hostID: Int64, _ days: ClosedRange<Int64>, patience: Int64, in db: Database, to sums: inout [Counts?]
    ) throws {
        // SQLite takes the other columns from the row that has the maximum.
        let statement = try db.cachedStatement(
            sql: """
                SELECT observedAt / 86400000 AS day, max(id), unexplainedPaths, leakedPaths
                FROM observation INDEXED BY observationTrend
                WHERE hostID = ? AND state = 'judged' AND observedAt >= ? AND observedAt < ?
                  AND (unexplainedPaths > 0 OR leakedPaths > 0 OR reachable = 1)
                GROUP BY day ORDER BY day
                """)
        let rows = try Row.fetchCursor(
            statement,
            arguments: [hostID, (days.lowerBound - patience) * 86_400_000, (days.upperBound + 1) * 86_400_000])
        // A judgement counts until the next one.
        var latest: (day: Int64, sum: Counts)?
        func count(until next: Int64) {
            guard let (day, sum) = latest else { return }
            let first = max(day, days.lowerBound)
            let last = min(next - 1, day + patience, days.upperBound)
            guard first <= last else { return }
            for index in Int(first - days.lowerBound)...Int(last - days.lowerBound) {
                let before = sums[index] ?? (0, 0)
                sums[index] = (before.unexplained + sum.unexplained, before.leaked + sum.leaked)
            }
        }
        while let row = try rows.next() {
            let day: Int64 = row[0]
            count(until: day)
            latest = (day, (row[2] ?? 0, row[3] ?? 0))
        }
        count(until: Int64.max)
    }
}
