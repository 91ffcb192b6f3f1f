import EbbModel
import EbbReport

/// How the fleet divides into verdicts: a bar, and its words as links.
struct VerdictBar {
    let snapshot: FleetSnapshot

    init(_ snapshot: FleetSnapshot) { self.snapshot = snapshot }

    var markup: Markup {
        let total = max(1, snapshot.hosts.count)
        var start = 0.0
        var parts: [Markup] = []
        var words: [Markup] = []
        for (verdict, count) in snapshot.verdicts {
            let width = Double(count) / Double(total) * 1_000
            parts.append(
                """
                <rect class="fill-\(Tone(verdict).rawValue)" x="\(Int(start))" y="0" \
                width="\(Int((start + width).rounded()) - Int(start))" height="10"/>
                """)
            words.append(
                """
                <li><a href="/?verdict=\(verdict.rawValue)#hosts">\
                \(Words.badge("\(count) \(verdict.rawValue)", Tone(verdict)))</a></li>
                """)
            start += width
        }
        return """
            <svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">\
            \(parts)</svg><ul class="legend" aria-label="Hosts by verdict">\(words)</ul>

            """
    }
}
