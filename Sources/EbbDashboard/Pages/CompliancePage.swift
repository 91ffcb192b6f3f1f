import EbbCompliance
import EbbModel
import EbbReport

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
            \(VerdictBar(snapshot).markup)
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
