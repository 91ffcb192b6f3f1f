import EbbReport

/// A long list in pages.
struct Pager {
    let total: Int
    let size: Int
    let page: Int

    init(total: Int, size: Int, page: Int) {
        (self.total, self.size) = (total, size)
        self.page = min(max(1, page), max(1, (total + size - 1) / size))
    }

    var pages: Int { max(1, (total + size - 1) / size) }

    var range: Range<Int> { (page - 1) * size..<min(total, page * size) }

    /// Links to the neighbours; nothing where one page holds all.
    func links(_ query: (Int) -> String) -> Markup {
        guard pages > 1 else { return .empty }
        let back: Markup = page > 1 ? "<a rel=\"prev\" href=\"\(query(page - 1))\">← Back</a>" : ""
        let next: Markup = page < pages ? "<a rel=\"next\" href=\"\(query(page + 1))\">Next →</a>" : ""
        return """
            <nav class="pages" aria-label="Pages of the list">\(back)<span class="sub">\
            \(range.lowerBound + 1) to \(range.upperBound) of \(total)</span>\(next)</nav>
            """
    }
}

/// Query strings.
enum Query {
    /// `?name=value&…` without the empty ones.
    static func text(_ values: [(String, String)]) -> String {
        "?" + values.filter { !$0.1.isEmpty }.map { "\($0.0)=\(PercentEncoding.of($0.1.utf8))" }.joined(separator: "&")
    }
}
