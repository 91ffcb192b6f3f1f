/// A long list in pages.
struct Pager {
    let total: Int
    let size: Int
    let page: Int

    init(total: Int, size: Int, page: Int) {
        self.total = total
        self.size = size
        self.page = min(max(1, page), max(1, (total + size - 1) / size))
    }

    var pages: Int { max(1, (total + size - 1) / size) }

    var range: Range<Int> { (page - 1) * size..<min(total, page * size) }

    /// Links to the neighbours; nothing where one page holds all.
    func links(_ query: (Int) -> String) -> HTML {
        guard pages > 1 else { return .empty }
        let back: HTML = page > 1 ? "<a rel=\"prev\" href=\"\(query(page - 1))\">← Back</a>" : ""
        let next: HTML =
            page < pages ? "<a rel=\"next\" href=\"\(query(page + 1))\">Next →</a>" : ""
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
        "?"
            + values.filter { !$0.1.isEmpty }.map { "\($0.0)=\(escaped($0.1))" }
            .joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
            }
        }
    }
}
