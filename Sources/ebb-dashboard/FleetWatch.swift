import EbbDashboard
import FoundationEssentials
import Logging

/// Takes over the file with what the inventory says, whenever it is replaced.
struct FleetWatch: Sendable {
    let path: String
    let reader: FleetReader
    let logger: Logger

    /// The file as it is now.
    static func read(_ path: String) throws -> FleetDirectory {
        try FleetDirectory(decoding: Array(try Data(contentsOf: URL(filePath: path))))
    }

    func run() async {
        var last = stamp()
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(2))
            let now = stamp()
            guard now != last, now != nil else { continue }
            last = now
            do {
                await reader.use(try Self.read(path))
                logger.info("the inventory was taken over")
            } catch { logger.error("the inventory cannot be read, the one before stays: \(error)") }
        }
    }

    /// What changes whenever the file is replaced or written.
    private func stamp() -> [String]? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        let keys: [FileAttributeKey] = [.systemFileNumber, .modificationDate, .size]
        return keys.map { key in attributes[key].map { "\($0)" } ?? "" }
    }
}
