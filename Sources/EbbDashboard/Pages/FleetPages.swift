import EbbCompliance
import EbbModel
import EbbReport

/// What would be lost, path by path over the whole fleet.
struct DriftPage {
    let snapshot: FleetSnapshot
    var search = ""
    var page = 1

    var markup: Markup {
        let all = DriftByPath.all(in: snapshot)
        let rows = search.isEmpty ? all : all.filter { $0.path.printable.contains(search) }
        return Layout(title: "Drift", section: .drift, asOf: snapshot.readAt).page(
            """
            <h1>What the next boots would erase</h1>
            <p class="lead">Paths that nobody has accounted for. Those on the most hosts come \
            first: one decision settles many hosts.</p>
            \(all.isEmpty ? .empty : filter)
            \(rows.isEmpty ? nothing(all.isEmpty) : table(rows))
            """)
    }

    private var filter: Markup {
        """
        <form class="filter" method="get" action="/drift" role="search">
        <label>Path contains<input type="search" name="q" value="\(search)" maxlength="200"></label>
        <button type="submit">Filter</button></form>

        """
    }

    private func nothing(_ isAll: Bool) -> Markup {
        if !isAll { return Words.nothing("No path matches.", "<a href=\"/drift\">Show every path</a>.") }
        return snapshot.hosts.contains { $0.facts.judgement != nil }
            ? Words.nothing("Nothing. Every path on every observed host is accounted for.")
            : Words.nothing("No host was observed yet.", "Start with \(Words.command("ebb drift all")).")
    }

    private func table(_ rows: [DriftByPath]) -> Markup {
        let pager = Pager(total: rows.count, size: 100, page: page)
        let table = MarkupTable<DriftByPath>(
            "cards",
            [
                .path, .verdict, .init("Hosts", .number) { "\($0.hosts.count)" },
                .init("Where") { "<div>\(Words.links(to: $0.hosts, most: 3))</div>" }, .size,
                .firstSeen(snapshot.readAt), .why,
            ])
        return """
            \(table.markup(rows[pager.range]))
            \(pager.links { Query.text([("q", search), ("page", "\($0)")]) })
            """
    }
}

/// What an auditor asks for: each control over the fleet, and the exports.
struct CompliancePage {
    let snapshot: FleetSnapshot
    /// Exports that can be taken, by name and address.
    let exports: [(name: String, address: String)]

    var markup: Markup {
        Layout(title: "Compliance", section: .compliance, asOf: snapshot.readAt).page(
            """
            <h1>Compliance</h1>
            <p class="lead">Verdicts over \(Words.count(snapshot.hosts.count, "host")), each based \
            on stored evidence. What is not known is never counted as good.</p>
            \(snapshot.hosts.isEmpty ? nothing : content)
            """)
    }

    private var nothing: Markup {
        Words.nothing("There are no hosts to judge.", "Start with \(Words.command("ebb drift all")).")
    }

    private var content: Markup {
        let links = exports.map { export -> Markup in
            "<li><a href=\"\(export.address)\" download>\(export.name)</a></li>"
        }
        return """
            \(Bar.verdicts(snapshot))
            <section aria-labelledby="exports"><h2 id="exports">Exports</h2>\
            <ul class="exports">\(links)</ul></section>
            <section aria-labelledby="controls"><h2 id="controls">Controls</h2>\(table)</section>
            """
    }

    private var table: Markup {
        let verdicts: [ComplianceVerdict] = [
            .compliant, .nonCompliant, .stale, .unreachable, .unknown, .waived, .notApplicable,
        ]
        let counts = verdicts.map { verdict -> MarkupTable<Control>.Column in
            func count(_ control: Control) -> Int { snapshot.tally.controls[control]?[verdict] ?? 0 }
            return .init(verdict.rawValue, .number, style: { count($0) == 0 ? "zero" : "" }, { "\(count($0))" })
        }
        let name = MarkupTable<Control>.Column("Control", .head) {
            "\($0.title)<div class=\"sub\">\($0.requirement)</div>"
        }
        return MarkupTable("cards tally", [name] + counts).markup(Control.allCases)
    }
}
