import EbbModel
import EbbReport

/// What would be lost, path by path over the whole fleet.
struct DriftPage {
    let snapshot: FleetSnapshot
    var search = ""
    var page = 1

    var html: HTML {
        let all = DriftByPath.all(in: snapshot)
        let rows = search.isEmpty ? all : all.filter { $0.path.printable.contains(search) }
        return Layout(title: "Drift", section: .drift, asOf: snapshot.readAt).page(
            """
            <h1>What the next boots would erase</h1>
            <p class="lead">Paths that nobody has accounted for, those on the most hosts first: \
            one decision here settles many hosts.</p>
            \(all.isEmpty ? .empty : filter)
            \(rows.isEmpty ? nothing(all.isEmpty) : table(rows))
            """)
    }

    private var filter: HTML {
        """
        <form class="filter" method="get" action="/drift" role="search">
        <label>Path contains<input type="search" name="q" value="\(search)" maxlength="200"></label>
        <button type="submit">Filter</button></form>

        """
    }

    private func nothing(_ isAll: Bool) -> HTML {
        if !isAll {
            return Words.nothing("No path matches.", "<a href=\"/drift\">Show every path</a>.")
        }
        return snapshot.hosts.contains { $0.facts.judgement != nil }
            ? Words.nothing(
                "Nothing: every path on every host that was looked at is accounted for.")
            : Words.nothing(
                "Drift was never collected.",
                "Collect it with \(Words.command("ebb drift all")).")
    }

    private func table(_ rows: [DriftByPath]) -> HTML {
        let pager = Pager(total: rows.count, size: 100, page: page)
        let shown = rows[pager.range].map { row -> HTML in
            let names = row.hosts.prefix(3).map { Words.link(to: $0) }
            let list = names.dropFirst().reduce(names[0]) { "\($0), \($1)" }
            let more: HTML = row.hosts.count > 3 ? " and \(row.hosts.count - 3) more" : ""
            let advice = row.suggestion.map { text -> HTML in "<div class=\"sub\">\(text)</div>" }
            return """
                <tr><th scope="row">\(Words.path(row.path))</th>\
                <td><div>\(Words.badge(row.verdict))</div></td>\
                <td data-label="Hosts" class="num">\(row.hosts.count)</td>\
                <td data-label="Where"><div>\(list)\(more)</div></td>\
                <td data-label="Size" class="num">\(ByteCount.text(row.bytes))</td>\
                <td data-label="First seen">\(Words.ago(row.firstSeen, snapshot.readAt))</td>\
                <td>\(row.reason)\(advice)</td></tr>

                """
        }
        return """
            <div class="scroll" tabindex="0"><table class="cards"><thead><tr><th scope="col">Path</th>\
            <th scope="col">Verdict</th><th scope="col" class="num">Hosts</th>\
            <th scope="col">Where</th><th scope="col" class="num">Size</th>\
            <th scope="col">First seen</th><th scope="col">Why</th></tr></thead><tbody>
            \(shown)</tbody></table></div>
            \(pager.links { Query.text([("q", search), ("page", "\($0)")]) })
            """
    }
}
