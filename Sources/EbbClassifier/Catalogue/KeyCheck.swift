/// Refuses unknown keys: a misspelt one would be ignored silently.
enum KeyCheck {
    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Throws where the map has a key that is not among those that are known.
    static func refuseUnknown(in decoder: any Decoder, known: [String]) throws {
        let keys = try decoder.container(keyedBy: Key.self).allKeys
        guard let odd = keys.first(where: { !known.contains($0.stringValue) }) else { return }
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: decoder.codingPath,
                debugDescription: "there is no key '\(odd.stringValue)' here, only " + known.joined(separator: ", ")))
    }
}
