import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// Paths at risk over the newest observations, as a line each for unexplained and leaked.
struct DriftChart {
    private let points: [(at: Date, unexplained: Int, leaked: Int)]

    /// Observations come newest first.
    init(_ observations: [StoredObservation]) {
        points = observations.reversed().compactMap { observation in
            observation.judgement.map { judgement in
                (observation.observedAt, judgement.counts.count(of: .unexplained), judgement.counts.count(of: .leaked))
            }
        }
    }

    var markup: Markup {
        guard points.count > 1, let first = points.first?.at, let last = points.last?.at, last > first else {
            return .empty
        }
        let top = max(1, points.map { max($0.unexplained, $0.leaked) }.max() ?? 1)
        func line(_ count: (Int) -> Int) -> String {
            points.indices.map { index in
                let x = points[index].at.timeIntervalSince(first) / last.timeIntervalSince(first)
                let y = 95 - Double(count(index)) / Double(top) * 90
                return "\(Int(x * 1_000)),\(Int(y))"
            }.joined(separator: " ")
        }
        let peak = points.map(\.unexplained).max() ?? 0
        let now = points.last.map { ($0.unexplained, $0.leaked) } ?? (0, 0)
        return """
            <figure class="card chart"><svg class="chart" viewBox="0 0 1000 100" \
            preserveAspectRatio="none" role="img" aria-label="Paths at risk over time">\
            <line x1="0" y1="95" x2="1000" y2="95"/>\
            <polyline points="\(line { points[$0].unexplained })"/>\
            <polyline class="bad" points="\(line { points[$0].leaked })"/></svg>\
            <figcaption class="sub">Over \(Words.count(points.count, "observation")): unexplained (line) \
            \(now.0) now, \(peak) at most; leaked (dashes) \(now.1) now.</figcaption></figure>
            """
    }
}
