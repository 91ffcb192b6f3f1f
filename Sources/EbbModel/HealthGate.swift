/// Something outside the host that must answer after a boot, asked from the controller.
package enum HealthGate: Hashable, Sendable, Codable {
    /// A TCP port of the host that accepts connections.
    case tcp(port: Int)
    /// A URL that answers with this status.
    case http(url: String, status: Int)
}
