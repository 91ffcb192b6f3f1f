/// A checked value that is coded as its description, and checked again when it is decoded.
package protocol CodedAsText: Codable, CustomStringConvertible {
    /// The value of a text; `nil` or an error where it is none.
    static func read(_ text: String) throws -> Self?
}

extension CodedAsText {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = try Self.read(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a \(Self.self)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
