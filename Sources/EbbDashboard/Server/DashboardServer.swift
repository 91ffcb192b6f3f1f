import EbbModel
package import Hummingbird
package import Logging
import NIOCore

/// The site on a socket.
package struct DashboardServer: Sendable {
    /// Where to listen.
    package struct Address: Hashable, Sendable {
        package let host: String
        package let port: Int

        package init(host: String = "127.0.0.1", port: Int = 8417) { (self.host, self.port) = (host, port) }

        /// Whether only this machine can reach it.
        package var isLoopback: Bool {
            if ["localhost", "::1", "[::1]"].contains(host) { return true }
            // `127.example.org` is no loopback address.
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        }
    }

    let site: Site
    let address: Address

    package init(site: Site, address: Address) { (self.site, self.address) = (site, address) }

    /// The application; runs until it is told to stop, and lets what is under way finish.
    package func application(logger: Logger, onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in })
        -> some ApplicationProtocol
    {
        Application(
            router: site.router(),
            // A client that says nothing for a minute holds no connection.
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
    }
}
