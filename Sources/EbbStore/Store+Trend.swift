package import EbbModel
package import FoundationEssentials
import GRDB

/// How many paths were at risk on one day, over some hosts.
package struct DriftDay: Sendable, Hashable {
    /// The day's first instant, UTC.
    package let day: Date
    package let unexplained: Int
    package let leaked: Int
}

extension Store {
    /// The paths at risk per day, oldest first; a host counts with its newest judgement until then.
    ///
    /// A host that was not judged for `patience` seconds before a day's end no longer counts on
    /// that day: old numbers are no news.
    package func driftTrend(
        for hosts: [HostName], from: Date, to: Date, patience: Double = 7 * 86_400
    ) async throws(StoreError) -> [DriftDay] {
        try await read { db in
            let firstDay = from.milliseconds / 86_400_000
            let lastDay = max(firstDay, min(to.milliseconds / 86_400_000, firstDay + 3_660))
            var sums = [Int64: (unexplained: Int, leaked: Int)]()
            for host in hosts {
                guard let hostID = try HostTable.find(host, in: db) else { continue }
                try Self.addDays(
                    of: hostID, firstDay...lastDay, patience: Int64(patience / 86_400), in: db,
                    to: &sums)
            }
            return sums.keys.sorted().map { day in
                DriftDay(
                    day: Date(milliseconds: day * 86_400_000),
                    unexplained: sums[day]?.unexplained ?? 0, leaked: sums[day]?.leaked ?? 0)
            }
        }
    }

    private static func addDays(
        of hostID: Int64, _ days: ClosedRange<Int64>, patience: Int64, in db: Database,
        to sums: inout [Int64: (unexplained: Int, leaked: Int)]
    ) throws {
        // SQLite takes the other columns from the row that has the maximum.
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT observedAt / 86400000 AS day, max(id),
                  unexplainedPaths AS unexplained, leakedPaths AS leaked
                FROM collection INDEXED BY collectionTrend
                WHERE hostID = ? AND state = 'judged' AND observedAt >= ? AND observedAt < ?
                GROUP BY day ORDER BY day
                """,
            arguments: [
                hostID, (days.lowerBound - patience) * 86_400_000,
                (days.upperBound + 1) * 86_400_000,
            ])
        for (index, row) in rows.enumerated() {
            let day: Int64 = row["day"]
            let next: Int64 = index + 1 < rows.count ? rows[index + 1]["day"] : Int64.max
            let last = min(next - 1, day + patience, days.upperBound)
            guard last >= max(day, days.lowerBound) else { continue }
            for counted in max(day, days.lowerBound)...last {
                let sum = sums[counted] ?? (0, 0)
                sums[counted] = (
                    sum.unexplained + (row["unexplained"] as Int),
                    sum.leaked + (row["leaked"] as Int)
                )
            }
        }
    }
}
