/// What a boot does when the root cannot be erased.
package enum EraseGuard: String, Sendable, Codable, CaseIterable {
    /// It stops before the root is used.
    case failsClosed = "fails-closed"
    /// It continues with the root as it is.
    case failsOpen = "fails-open"
}
