/// A health check *after* a boot, made from the controller; what must hold before a reboot is a gate (`PreflightGate`).
package enum OutsideCheck: Hashable, Sendable, Codable {
    /// A connection to this port is accepted; without an address, on the host's own.
    case tcp(address: String?, port: Int)
    /// A request to this URL is answered with this status; `nil` takes 200 to 399.
    case http(url: String, status: Int?)
}

extension OutsideCheck: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let address, let port): "tcp \(address.map { "\($0) " } ?? "")port \(port)"
        case .http(let url, let status): "\(url)" + (status.map { " with status \($0)" } ?? "")
        }
    }
}
