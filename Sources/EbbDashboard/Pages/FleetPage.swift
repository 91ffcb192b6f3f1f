import EbbCompliance
import EbbModel
import EbbPlan
import EbbReport
import FoundationEssentials

/// The fleet at a glance: what needs attention now, then every host.
struct FleetPage {
    let snapshot: FleetSnapshot
    var search = ""
    var verdict: ComplianceVerdict?
    var page = 1

    static let rowsPerPage = 100

    var markup: Markup {
        Layout(title: "Fleet", section: .fleet, asOf: snapshot.readAt).page(
            """
            <h1>\(headline)</h1>
            <p class="lead">\(Words.count(snapshot.hosts.count, "host")), judged by the last \
            observation and the last proven boot.</p>
            \(tiles)
            <section aria-labelledby="todo"><h2 id="todo">What needs attention now</h2>\(todo)</section>
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

    private var tiles: Markup {
        guard !snapshot.hosts.isEmpty else { return .empty }
        let tally = snapshot.tally
        let (unexplained, leaked) = (tally.unexplained, tally.leaked)
        let seen = tally.judged == snapshot.hosts.count ? "on all hosts" : "on the \(tally.judged) observed hosts"
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
            \(Bar.verdicts(snapshot))
            """
    }

    private var todo: Markup {
        let items = Attention.items(of: snapshot)
        guard !items.isEmpty else {
            return snapshot.hosts.isEmpty
                ? Words.nothing("No host was observed yet.", "Start with \(Words.command("ebb drift all")).")
                : Words.nothing("Nothing. Every control holds for every host.")
        }
        let rows = items.map { item -> Markup in
            let how = item.how.map { how -> Markup in "<p class=\"how\">\(how)</p>" }
            return """
                <li><div>\(Words.badge(item.word, item.tone))</div>\
                <div><p>\(item.sentence)</p>\(how)</div></li>

                """
        }
        return "<ul class=\"todo card\">\(rows)</ul>"
    }

    private var hosts: Markup {
        guard !snapshot.hosts.isEmpty else {
            return Words.nothing("The inventory has no hosts.", "Write one with \(Words.command("ebb init")).")
        }
        // Numbers of hosts: thousands of them with all that is known of each are not copied.
        let matching = snapshot.hosts.indices.filter { index in
            (verdict == nil || snapshot.hosts[index].compliance.verdict == verdict)
                && (search.isEmpty || snapshot.hosts[index].name.text.contains(search)
                    || snapshot.hosts[index].compliance.groups.contains { $0.contains(search) })
        }
        let pager = Pager(total: matching.count, size: Self.rowsPerPage, page: page)
        let rows = matching[pager.range].lazy.map { snapshot.hosts[$0] }
        let table =
            matching.isEmpty
            ? Words.nothing("No host matches.", "<a href=\"/\">Show every host</a>.")
            : MarkupTable("cards", columns).markup(rows)
        return filter + table
            + pager.links { number in
                Query.text([("q", search), ("verdict", verdict?.rawValue ?? ""), ("page", "\(number)")])
            }
    }

    private var columns: [MarkupTable<FleetSnapshot.Host>.Column] {
        let now = snapshot.readAt
        return [
            .init("Host", .head) { host in
                let groups = host.compliance.groups.prefix(3).joined(separator: ", ")
                let under = host.settings == nil ? "not in the inventory" : groups
                return "\(Words.link(to: host.name))<div class=\"sub\">\(under)</div>"
            }, .init("Verdict") { "<div>\(Words.badge($0.compliance.verdict))</div>" },
            .init("Last proven boot") { Words.ago($0.facts.provenBoot?.judgedAt, now) },
            number("Leaked") { ($0.count(of: .leaked), nil) },
            number("Unexplained") { ($0.count(of: .unexplained), nil) },
            number("At risk") { ($0.bytesAtRisk, ByteCount.text($0.bytesAtRisk)) },
            .init("Last observation") { Words.ago($0.facts.observation?.at, now) },
            .init("Next window") { window($0, now) },
        ]
    }

    /// Where nobody has looked, zero would be a lie.
    private func number<Number: BinaryInteger>(
        _ title: String, _ value: @escaping (ComplianceFacts) -> (Number, String?)
    ) -> MarkupTable<FleetSnapshot.Host>.Column {
        .init(
            title, .number,
            style: { host in host.facts.judgement == nil ? "none" : value(host.facts).0 == 0 ? "zero" : "" },
            { host in
                guard host.facts.judgement != nil else { return "not known" }
                let (number, text) = value(host.facts)
                return "\(text ?? String(number))"
            })
    }

    private func window(_ host: FleetSnapshot.Host, _ now: Date) -> Markup {
        guard let opening = host.opening else { return "<span class=\"none\">none</span>" }
        guard opening.contains(now) else { return Words.when(opening.start, now) }
        return """
            <div>\(Words.badge("open", .live)) <span class="sub">closes \
            \(Words.when(opening.end, now))</span></div>
            """
    }

    private var filter: Markup {
        let options = ComplianceVerdict.allCases.map { option -> Markup in
            let selected: Markup = option == verdict ? " selected" : ""
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
