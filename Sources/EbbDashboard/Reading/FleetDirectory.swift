package import EbbModel
import FoundationEssentials

/// What the inventory says of the fleet, without its secrets.
///
/// The process that reads the inventory writes it as JSON; secrets are written as dots.
package struct FleetDirectory: Sendable, Hashable {
    package let hosts: [HostSettings]

    package init(_ hosts: [HostSettings]) { self.hosts = hosts }

    /// Reads the JSON that `encoded()` makes.
    package init(decoding bytes: [UInt8]) throws {
        hosts = try JSONDecoder().decode([HostSettings].self, from: Data(bytes))
    }

    /// The directory as JSON.
    package func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Array(try encoder.encode(hosts))
    }

    /// The settings by host.
    var byName: [HostName: HostSettings] {
        Dictionary(hosts.map { ($0.host, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
