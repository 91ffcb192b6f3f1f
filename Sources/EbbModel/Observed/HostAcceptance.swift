/// What a person can accept of a host.
package enum HostSubject: String, Sendable, Codable, CaseIterable {
    /// Another storage than the recorded one holds declared paths.
    case storage
    /// Some of its marks are those of another name, and some are not: it is a machine of its own.
    case machine
    /// Declared content that was not as on record when the host was found in its present boot.
    case content
}

/// A mark that a person accepted, beside the one that it was held against.
package struct AcceptedMark: Sendable, Hashable, Codable {
    /// A declared path, or what kind of mark it is.
    package let name: String
    /// What was on record, or what `beside` has.
    package let old: String?
    package let new: String
    /// The other name that the host was taken for; `nil`: the old mark is the host's own.
    package let beside: HostName?

    package init(name: String, old: String?, new: String, beside: HostName? = nil) {
        (self.name, self.old, self.new, self.beside) = (name, old, new, beside)
    }
}
