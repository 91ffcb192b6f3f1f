import EbbCompliance
import EbbModel
import EbbReport
import FoundationEssentials

/// The fleet at a glance: what needs somebody now, then every host.
struct FleetPage {
    let snapshot: FleetSnapshot
    var search = ""
    var verdict: ComplianceVerdict?
    var page = 1

    static let rowsPerPage = 100

    var html: HTML {
        Layout(title: "Fleet", section: .fleet, asOf: snapshot.readAt).page(
            """
            <h1>\(headline)</h1>
            <p class="lead">\(Words.count(snapshot.hosts.count, "host")), judged by what was last \
            seen and proven.</p>
            \(tiles)
            <section aria-labelledby="todo"><h2 id="todo">What needs you now</h2>\(todo)</section>
            <section aria-labelledby="hosts"><h2 id="hosts">Hosts</h2>\(hosts)</section>
            """)
    }

    private var headline: String {
        let findings = snapshot.verdicts.reduce(0) { $0 + ($1.verdict.isFinding ? $1.count : 0) }
        let open = snapshot.verdicts.reduce(0) { $0 + ($1.verdict.isUndecided ? $1.count : 0) }
        if snapshot.hosts.isEmpty { return "No hosts yet" }
        if findings > 0 {
            return "\(Words.count(findings, "host")) of \(snapshot.hosts.count) "
                + (findings == 1 ? "does not comply" : "do not comply")
        }
        if open > 0 { return "\(Words.count(open, "host")) cannot be judged" }
        return "Every host's state is accounted for"
    }

    private var tiles: HTML {
        guard !snapshot.hosts.isEmpty else { return .empty }
        let tally = snapshot.tally
        let (unexplained, leaked) = (tally.unexplained, tally.leaked)
        let seen =
            tally.judged == snapshot.hosts.count
            ? "on all hosts" : "on the \(tally.judged) hosts that were looked at"
        return """
            <div class="tiles">
            <div><span class="label">Boots proven</span>\
            <span class="figure">\(tally.proven)<span class="sub"> of \(snapshot.hosts.count)</span></span>\
            <span class="label">oldest proof \(Words.ago(tally.oldestProof, snapshot.readAt))</span></div>
            <div><span class="label">Would be lost</span>\
            <span class="figure\(unexplained > 0 ? " warn" : "")">\(unexplained)</span>\
            <span class="label">unexplained paths, \(seen)</span></div>
            <div><span class="label">Would be lost</span>\
            <span class="figure\(leaked > 0 ? " bad" : "")">\(leaked)</span>\
            <span class="label">leaked paths, \(seen)</span></div>
            <div><span class="label">At risk</span>\
            <span class="figure keep">\(ByteCount.text(tally.bytesAtRisk))</span>\
            <span class="label">as far as sizes are known</span></div>
            </div>
            \(VerdictBar(snapshot).html)
            """
    }

    private var todo: HTML {
        let items = Attention.items(of: snapshot)
        guard !items.isEmpty else {
            return snapshot.hosts.isEmpty
                ? Words.nothing(
                    "Ebb has not looked at any host yet.",
                    "Start with \(Words.command("ebb drift all")).")
                : Words.nothing("Nothing. Every control holds for every host.")
        }
        let rows = items.map { item -> HTML in
            let how = item.how.map { how -> HTML in "<p class=\"how\">\(how)</p>" }
            return """
                <li><div>\(Words.badge(item.word, item.tone))</div>\
                <div><p>\(item.sentence)</p>\(how)</div></li>

                """
        }
        return "<ul class=\"todo card\">\(rows)</ul>"
    }

    private var hosts: HTML {
        guard !snapshot.hosts.isEmpty else {
            return Words.nothing(
                "The inventory has no hosts.", "Write one with \(Words.command("ebb init")).")
        }
        // Numbers of hosts: thousands of them with all that is known of each are not copied.
        let matching = snapshot.hosts.indices.filter { index in
            (verdict == nil || snapshot.hosts[index].compliance.verdict == verdict)
                && (search.isEmpty || snapshot.hosts[index].name.text.contains(search)
                    || snapshot.hosts[index].compliance.groups.contains { $0.contains(search) })
        }
        let pager = Pager(total: matching.count, size: Self.rowsPerPage, page: page)
        let rows = matching[pager.range].map {
            HostRow(host: snapshot.hosts[$0], now: snapshot.readAt).html
        }
        let table: HTML =
            matching.isEmpty
            ? Words.nothing(
                "No host matches.", "<a href=\"/\">Show every host</a>.")
            : """
            <div class="scroll" tabindex="0"><table class="cards"><thead><tr><th scope="col">Host</th>\
            <th scope="col">Verdict</th><th scope="col">Last proven boot</th>\
            <th scope="col" class="num">Leaked</th><th scope="col" class="num">Unexplained</th>\
            <th scope="col" class="num">At risk</th><th scope="col">Last look</th>\
            <th scope="col">Next window</th></tr></thead><tbody>
            \(rows)</tbody></table></div>
            """
        return filter + table
            + pager.links { number in
                Query.text([
                    ("q", search), ("verdict", verdict?.rawValue ?? ""), ("page", "\(number)"),
                ])
            }
    }

    private var filter: HTML {
        let options = ComplianceVerdict.allCases.map { option -> HTML in
            let selected: HTML = option == verdict ? " selected" : ""
            return "<option value=\"\(option.rawValue)\"\(selected)>\(option.rawValue)</option>"
        }
        return """
            <form class="filter" method="get" action="/#hosts" role="search">
            <label>Host or group<input type="search" name="q" value="\(search)" maxlength="100"></label>
            <label>Verdict<select name="verdict"><option value="">any</option>\(options)</select></label>
            <button type="submit">Filter</button></form>

            """
    }
}
