import EbbCompliance
import EbbModel

/// What an auditor asks for: each control over the fleet, and the exports.
struct CompliancePage {
    let snapshot: FleetSnapshot
    /// Exports that can be taken, by name and address.
    let exports: [(name: String, address: String)]

    var html: HTML {
        Layout(title: "Compliance", section: .compliance, asOf: snapshot.readAt).page(
            """
            <h1>Compliance</h1>
            <p class="lead">Verdicts over \(Words.count(snapshot.hosts.count, "host")), each resting \
            on stored evidence. What could not be told is never counted as good.</p>
            \(snapshot.hosts.isEmpty ? nothing : content)
            """)
    }

    private var nothing: HTML {
        Words.nothing(
            "There is no host to judge.", "Start with \(Words.command("ebb drift all")).")
    }

    private var content: HTML {
        let links = exports.map { export -> HTML in
            "<li><a href=\"\(export.address)\" download>\(export.name)</a></li>"
        }
        return """
            \(VerdictBar(snapshot).html)
            <section aria-labelledby="exports"><h2 id="exports">Exports</h2>\
            <ul class="exports">\(links)</ul></section>
            <section aria-labelledby="controls"><h2 id="controls">Controls</h2>\(table)</section>
            """
    }

    private var table: HTML {
        let verdicts: [ComplianceVerdict] = [
            .compliant, .nonCompliant, .stale, .unreachable, .unknown, .waived, .notApplicable,
        ]
        let heads = verdicts.map { verdict -> HTML in
            "<th scope=\"col\" class=\"num\">\(verdict.rawValue)</th>"
        }
        let rows = Control.allCases.map { control -> HTML in
            let cells = verdicts.map { verdict -> HTML in
                let count = snapshot.tally.controls[control]?[verdict] ?? 0
                return """
                    <td data-label="\(verdict.rawValue)" class="num\(count == 0 ? " zero" : "")">\
                    \(count)</td>
                    """
            }
            return """
                <tr><th scope="row">\(control.title)<div class="sub">\(control.requirement)</div></th>\
                \(cells)</tr>

                """
        }
        return """
            <div class="scroll" tabindex="0"><table class="cards tally"><thead><tr><th scope="col">Control</th>\
            \(heads)</tr></thead><tbody>
            \(rows)</tbody></table></div>
            """
    }
}
