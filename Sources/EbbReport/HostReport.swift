package import EbbModel
package import FoundationEssentials

/// What a person accepted of a host: the old and the new marks, and who said so.
package struct HostReport: Sendable {
    let host: HostName
    let subject: HostSubject
    let marks: [AcceptedMark]
    let at: Date
    let author: String
    let reason: String
    let evidence: Int64

    /// `evidence` is the number of the decision's row in the evidence chain.
    package init(
        host: HostName, subject: HostSubject, marks: [AcceptedMark], at: Date, author: String, reason: String,
        evidence: Int64
    ) {
        (self.host, self.subject, self.marks, self.at) = (host, subject, marks, at)
        (self.author, self.reason, self.evidence) = (author, reason, evidence)
    }

    /// The document `ebb.host/1`.
    package var json: JSON {
        [
            "schema": "ebb.host/1", "host": .string(host.text), "accepted": .string(subject.rawValue),
            "at": .instant(at), "author": .string(author), "reason": .string(reason), "evidence": .count(evidence),
            "marks": .array(
                marks.map {
                    [
                        "name": .string($0.name), "old": .optional($0.old), "new": .string($0.new),
                        "beside": .optional($0.beside?.text),
                    ]
                }),
        ]
    }

    /// The report for a person.
    package func text(width: Int?, color: Bool) -> String {
        let isBeside = marks.contains { $0.beside != nil }
        var table = TextTable(
            [.init(isBeside ? "MARK" : "PATH")] + (isBeside ? [.init("BESIDE")] : []) + [
                .init("OLD", shrinks: true), .init("NEW", shrinks: true),
            ])
        for mark in marks {
            table.add(
                [.init(mark.name)] + (isBeside ? [.init(mark.beside?.text ?? "", .emphasis)] : []) + [
                    .init(mark.old ?? "-", mark.old == mark.new ? .plain : .muted), .init(mark.new),
                ])
        }
        let words = "\(host): its \(subject.rawValue) is accepted, by \(author): \(reason)"
        return table.rendered(width: width, color: color) + "\n" + PrintableText.line(words) + "\n"
    }
}
