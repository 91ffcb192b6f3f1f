import EbbCompliance
import EbbModel
import EbbPlan
import EbbReport
import FoundationEssentials

/// A host in the table of the fleet.
struct HostRow {
    let host: FleetSnapshot.Host
    let now: Date

    var html: HTML {
        let facts = host.facts
        let bytes = facts.bytesAtRisk
        let groups = host.compliance.groups.prefix(3).joined(separator: ", ")
        let under = host.settings == nil ? "not in the inventory" : groups
        return """
            <tr><th scope="row">\(Words.link(to: host.name))<div class="sub">\(under)</div></th>\
            <td data-label="Verdict"><div>\(Words.badge(host.compliance.verdict))</div></td>\
            <td data-label="Proven">\(Words.ago(facts.provenBoot?.judgedAt, now))</td>\
            \(number("Leaked", facts.count(of: .leaked)))\
            \(number("Unexplained", facts.count(of: .unexplained)))\
            \(number("At risk", bytes == 0 ? 0 : 1, ByteCount.text(bytes)))\
            <td data-label="Last look">\(Words.ago(facts.look?.at, now))</td>\
            <td data-label="Window">\(window)</td></tr>

            """
    }

    /// Where nobody has looked, zero would be a lie.
    private func number(_ label: String, _ count: Int, _ text: String? = nil) -> HTML {
        guard host.facts.judgement != nil else {
            return "<td data-label=\"\(label)\" class=\"num none\">not known</td>"
        }
        let tone: HTML = count == 0 ? " zero" : ""
        return "<td data-label=\"\(label)\" class=\"num\(tone)\">\(text ?? "\(count)")</td>"
    }

    private var window: HTML {
        guard let opening = host.opening else { return "<span class=\"none\">none</span>" }
        return opening.contains(now)
            ? "\(Words.badge("open", .live)) <span class=\"sub\">closes \(Words.when(opening.end, now))</span>"
            : Words.when(opening.start, now)
    }
}
