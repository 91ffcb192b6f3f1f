import FoundationEssentials

/// A path on a host: bytes, as the kernel has them, never assumed to be text.
package struct BytePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The bytes of the path, without a terminating NUL.
    package let bytes: [UInt8]

    package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// Takes an array as it is: streams of a million paths go through here.
    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// The UTF-8 bytes of a text that somebody wrote in an inventory.
    package init(_ text: String) { bytes = Array(text.utf8) }

    /// The path as text, or `nil` when it is not valid UTF-8.
    package var text: String? { String(validating: bytes, as: UTF8.self) }

    /// The path safe for a terminal or a page: bytes that are no UTF-8, control characters,
    /// line and direction marks become `\xNN`, and a backslash is doubled, so that it reads back.
    package var printable: String { PrintableText.path(bytes) }

    /// The bytes in Base64, for formats that must carry every path exactly.
    package var base64: String { Data(bytes).base64EncodedString() }

    /// The directory that holds the path; `/` holds itself.
    package var parent: BytePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return BytePath("/") }
        return BytePath(bytes: bytes[..<slash])
    }

    /// Whether the path is `directory` itself or lies anywhere below it.
    package func isInside(_ directory: BytePath) -> Bool {
        let base = directory.bytes
        if base == [UInt8(ascii: "/")] { return bytes.first == UInt8(ascii: "/") }
        guard bytes.starts(with: base) else { return false }
        return bytes.count == base.count || bytes[base.count] == UInt8(ascii: "/")
    }

    /// The path with one more component.
    package func appending(_ component: some Sequence<UInt8>) -> BytePath {
        var joined = bytes
        if joined.last != UInt8(ascii: "/") { joined.append(UInt8(ascii: "/")) }
        joined.append(contentsOf: component)
        return BytePath(bytes: joined)
    }

    package static func < (left: BytePath, right: BytePath) -> Bool {
        left.bytes.withUnsafeBytes { left in right.bytes.withUnsafeBytes { RecordRuns.compare(left, $0) < 0 } }
    }

    package var description: String { printable }
}

extension BytePath: Codable {
    private enum CodingKeys: String, CodingKey { case text, base64 }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let text = try container.decodeIfPresent(String.self, forKey: .text) {
            self.init(text)
            return
        }
        let encoded = try container.decode(String.self, forKey: .base64)
        guard let data = Data(base64Encoded: encoded) else {
            throw DecodingError.dataCorruptedError(forKey: .base64, in: container, debugDescription: "not Base64")
        }
        self.init(bytes: data)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let text { try container.encode(text, forKey: .text) } else { try container.encode(base64, forKey: .base64) }
    }
}
