/// Finds tags that are not closed, not opened, or misnested, and ids that come twice.
struct MarkupCheck {
    private(set) var problems: [String] = []

    private static let void: Set<String> = [
        "meta", "link", "input", "br", "!doctype", "rect", "path", "polyline", "line",
    ]

    init(_ text: String) {
        var open: [String] = []
        var ids: Set<String> = []
        for part in text.split(separator: "<").dropFirst(text.hasPrefix("<") ? 0 : 1) {
            guard let end = part.firstIndex(of: ">") else {
                problems.append("no end: \(part.prefix(40))")
                continue
            }
            let tag = part[..<end]
            let name = tag.prefix { $0 != " " && $0 != "\n" }.lowercased()
            if let range = tag.firstRange(of: " id=\"") {
                let id = String(tag[range.upperBound...].prefix { $0 != "\"" })
                if !ids.insert(id).inserted { problems.append("id \(id) comes twice") }
            }
            if name.hasPrefix("/") {
                let closed = String(name.dropFirst())
                if open.popLast() != closed { problems.append("</\(closed)> closes another") }
            } else if !Self.void.contains(name), !tag.hasSuffix("/") {
                open.append(name)
            }
        }
        if !open.isEmpty { problems.append("never closed: \(open)") }
    }
}
