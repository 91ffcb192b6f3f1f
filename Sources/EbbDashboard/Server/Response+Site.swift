import EbbReport
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// Bytes of a type.
    init(_ type: String, _ bytes: [UInt8], headers: HTTPFields = [:]) {
        self.init(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        self.headers[.contentType] = type
    }

    /// A text of a type.
    init(_ type: String, _ text: String, headers: HTTPFields = [:]) {
        self.init(type, Array(text.utf8), headers: headers)
    }

    static func page(_ markup: Markup) -> Response { Response("text/html; charset=utf-8", markup.text) }

    static func json(_ document: JSON) -> Response { Response("application/json", JSONText.document(document)) }
}

extension Request {
    /// A value of the query, bounded: nothing that a page repeats may be longer.
    func value(_ name: String) -> String { String((uri.queryParameters.get(name) ?? "").prefix(200)) }

    /// The number of a page; 1 where none was given.
    var page: Int { Int(value("page")).map { max(1, min($0, 100_000)) } ?? 1 }
}
