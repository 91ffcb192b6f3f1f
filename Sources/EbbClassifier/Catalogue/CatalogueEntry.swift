package import EbbModel

/// What the catalogue knows about some paths.
package struct CatalogueEntry: Sendable, Hashable, Codable {
    package let id: String
    /// Globs; `~` is `/root` and every directory in `/home`.
    package let paths: [String]
    /// One line for a person.
    package let what: String
    package let stateClass: StateClass
    /// How to keep it, where there is a good way.
    package let mechanism: Mechanism?
    /// The directory to keep instead of the path itself.
    package let adopt: String?
    /// Whether nothing is lost with it.
    package let isNoise: Bool

    package init(
        id: String, paths: [String], what: String, stateClass: StateClass, mechanism: Mechanism? = nil,
        adopt: String? = nil, isNoise: Bool = false
    ) {
        (self.id, self.paths, self.what, self.stateClass, self.mechanism) = (id, paths, what, stateClass, mechanism)
        (self.adopt, self.isNoise) = (adopt, isNoise)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id, paths, what, mechanism, adopt, verdict
        case stateClass = "class"
    }

    package init(from decoder: any Decoder) throws {
        try KeyCheck.refuseUnknown(in: decoder, known: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        paths = try container.decode([String].self, forKey: .paths)
        what = try container.decode(String.self, forKey: .what)
        stateClass = try container.decode(StateClass.self, forKey: .stateClass)
        mechanism = try container.decodeIfPresent(Mechanism.self, forKey: .mechanism)
        adopt = try container.decodeIfPresent(String.self, forKey: .adopt)
        let verdict = try container.decodeIfPresent(PathVerdict.self, forKey: .verdict)
        if let verdict, verdict != .noise {
            throw DecodingError.dataCorruptedError(
                forKey: .verdict, in: container, debugDescription: "the catalogue can only call a path noise")
        }
        isNoise = verdict == .noise
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(paths, forKey: .paths)
        try container.encode(what, forKey: .what)
        try container.encode(stateClass, forKey: .stateClass)
        try container.encodeIfPresent(mechanism, forKey: .mechanism)
        try container.encodeIfPresent(adopt, forKey: .adopt)
        if isNoise { try container.encode(PathVerdict.noise, forKey: .verdict) }
    }

    /// The globs with `~` written out.
    package var globs: [String] {
        paths.flatMap { path in path.hasPrefix("~/") ? ["/root", "/home/*"].map { $0 + path.dropFirst() } : [path] }
    }
}
