import FoundationEssentials

/// The answer "no", in the protocol's form.
package struct FleetLockFailure: Error, Hashable, Sendable {
    /// The HTTP status to answer with.
    package enum Status: Int, Sendable {
        case badRequest = 400
        /// No slot is free, or the group is stopped: ask again later.
        case conflict = 409
        /// The group is not one that Ebb knows.
        case notFound = 404
        /// Ebb itself cannot answer; agents ask again.
        case unavailable = 503
    }

    package let status: Status
    /// A word for programs.
    package let kind: String
    /// One sentence for a person.
    package let value: String

    package init(_ status: Status, _ kind: String, _ value: String) {
        (self.status, self.kind, self.value) = (status, kind, value)
    }

    /// The body of the answer: `{"kind": …, "value": …}`.
    package var body: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let object = ["kind": kind, "value": value]
        return (try? encoder.encode(object)).map(Array.init) ?? Array("{}".utf8)
    }
}
