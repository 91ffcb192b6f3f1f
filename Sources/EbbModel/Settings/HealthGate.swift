/// Something about a rebooted host that must be so before it counts as well, seen from outside.
package enum HealthGate: Hashable, Sendable, Codable {
    /// A connection to this port is accepted; without an address, on the host's own.
    case tcp(address: String?, port: Int)
    /// A request to this URL is answered with this status; `nil` takes 200 to 399.
    case http(url: String, status: Int?)
}

extension HealthGate: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let address, let port): "tcp \(address.map { "\($0) " } ?? "")port \(port)"
        case .http(let url, let status): "\(url)" + (status.map { " with status \($0)" } ?? "")
        }
    }
}
