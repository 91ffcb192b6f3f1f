/// What a client asks, without the web server's types.
package struct SiteRequest: Sendable {
    package var method: String
    /// Percent-decoded, without the query, such as `/hosts/web1`.
    package var path: String
    package var query: [String: String]
    /// By lower-case name; only the first value of each.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(
        method: String = "GET", path: String, query: [String: String] = [:],
        headers: [String: String] = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// A query value, bounded: nothing that a page repeats may be longer.
    func value(_ name: String) -> String { String((query[name] ?? "").prefix(200)) }

    /// A path without its percent escapes; what is not UTF-8 afterwards stays as it is.
    package static func decoded(_ path: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(path.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self) ?? path
    }

    /// The number of a page; 1 where none was given.
    var page: Int { Int(value("page")).map { max(1, min($0, 100_000)) } ?? 1 }
}

/// What the client is answered.
package struct SiteResponse: Sendable {
    package var status: Int
    package var headers: [String: String]
    package var body: [UInt8]
    /// What follows the body, piece by piece, for as long as it lasts.
    package var stream: AsyncStream<[UInt8]>?
    /// Called once when the stream is at its end, or the client has gone.
    var whenDone: (@Sendable () -> Void)?

    package init(
        status: Int = 200, type: String, headers: [String: String] = [:], body: [UInt8]
    ) {
        self.status = status
        self.headers = headers.merging(["content-type": type]) { first, _ in first }
        self.body = body
    }

    static func page(_ html: HTML, status: Int = 200) -> SiteResponse {
        SiteResponse(
            status: status, type: "text/html; charset=utf-8", body: Array(html.markup.utf8))
    }

    static func json(_ text: String, status: Int = 200) -> SiteResponse {
        SiteResponse(status: status, type: "application/json", body: Array(text.utf8))
    }
}
