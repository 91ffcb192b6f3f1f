/// Where notices about a run go.
package struct NoticeChannel: Hashable, Sendable, Codable {
    /// How a notice is delivered.
    package enum Way: Hashable, Sendable, Codable {
        /// An HTTP POST of the notice as JSON; the address is often a secret itself.
        case webhook(url: Secret, headers: [String: Secret])
        /// A program that reads the notice as JSON from its standard input.
        case command(program: String, arguments: [String])
        /// A mail through the system's `sendmail`.
        case mail(to: [String], from: String?)
    }

    /// The channel's name in logs; never an address or a secret.
    package var name: String
    package var way: Way
    /// The events that are sent; `nil`: every one.
    package var events: Set<NoticeEvent>?

    package init(name: String, way: Way, events: Set<NoticeEvent>? = nil) {
        (self.name, self.way, self.events) = (name, way, events)
    }
}

/// What a notice is about.
package enum NoticeEvent: String, Sendable, Codable, CaseIterable {
    /// A rollout started.
    case start
    /// A wave of a rollout is over.
    case wave
    /// A host failed, or its attempt is inconclusive.
    case failure
    /// A host takes much longer than it should.
    case stuck
    /// A rollout came to its end.
    case done
    /// A window passed and nothing was started in it.
    case missed
}
