@testable import EbbModel

/// Makes host settings for tests.
enum Fleet {
    static func host(
        _ name: String, groups: [String] = [], strategy: Strategy? = .btrfs, reboot: RebootSettings = RebootSettings(),
        persist: [String] = ["/persist"]
    ) throws -> HostSettings {
        let host = try HostName(name)
        return HostSettings(
            host: host, groups: groups, connection: ConnectionSettings(host: host, address: "127.0.0.1"),
            root: strategy.map { RootSettings(strategy: $0) }, persist: persist.map { PersistentStorage(mount: $0) },
            reboot: reboot)
    }
}
