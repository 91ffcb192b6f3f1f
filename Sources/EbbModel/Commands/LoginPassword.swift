/// Where the password of a login comes from.
package enum LoginPassword: Hashable, Sendable, Codable {
    /// The inventory says it; it travels to the host only and is never stored.
    case given(Secret)
    /// A person is asked, once in a run for each user's name.
    case asked
}
