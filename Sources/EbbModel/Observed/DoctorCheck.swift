/// One question that `ebb doctor` asks about a host, and its answer.
package struct DoctorCheck: Hashable, Sendable, Codable {
    /// The questions, in the order in which they are asked.
    package enum Name: String, Sendable, Codable, CaseIterable {
        case resolve, connect, banner
        case keyExchange = "key-exchange"
        case hostKey = "host-key"
        case login
        case machine
        case root
        case tools
        case clock
        case erase
        case storage
    }

    /// The answers.
    package enum State: String, Sendable, Codable, CaseIterable {
        case passed, failed
        /// An earlier failure, or a silent host, kept the answer away.
        case unknown
    }

    package let name: Name
    package let state: State
    /// One sentence for a person; may hold text of the host, so print it escaped.
    package let message: String
    /// What to do about a failure.
    package let cure: String?

    package init(_ name: Name, _ state: State, _ message: String, cure: String? = nil) {
        (self.name, self.state, self.message, self.cure) = (name, state, message, cure)
    }
}
