/// What kind of state a path holds, which says how much its loss hurts.
package enum StateClass: String, Sendable, Codable, CaseIterable {
    /// Must stay the same for the host to be itself: machine id, host keys, id maps.
    case identity
    /// Keys, passwords, tokens. Never copied, shown or logged.
    case secret
    /// Data that nobody can make again.
    case precious
    /// Settings made by hand.
    case config
    /// Comes back by itself, though keeping it is better.
    case regenerable
    /// Can be thrown away at any time.
    case cache
    /// Records of what happened.
    case log
    /// Made by every boot.
    case noise
    /// Nothing is known about it.
    case unknown
}
