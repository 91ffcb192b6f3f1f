import ArgumentParser
import EbbDashboard
import EbbModel
import EbbStore
import FoundationEssentials
import Glibc
import Hummingbird
import Logging

/// Serves what the database holds, in a process that can reach no host.
///
/// It is started by hand, by systemd or by `ebb serve`, and needs neither the inventory's secrets
/// nor an SSH key.
@main struct DashboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ebb-dashboard", abstract: "Serve the dashboard, the metrics, the API and FleetLock.")

    @Option(help: "The database of Ebb.") var database: String

    @Option(help: "What the inventory says, as JSON written by `ebb serve`.") var fleet: String?

    @Option(help: "The address to listen at.") var host = "127.0.0.1"

    @Option(help: "The port to listen at.") var port = 8417

    @Option(help: "A file whose first line is the token that clients must show.") var tokenFile: String?

    @Option(help: "The header in which a reverse proxy names who it let through.") var proxyHeader: String?

    @Flag(help: "End when standard input does, as `ebb serve` wants it.") var untilInputEnds = false

    func run() async throws {
        // The inventory is read again by itself; a terminal that goes away ends the input.
        signal(SIGHUP, SIG_IGN)
        let address = DashboardAddress(host: host, port: port)
        let access = try access(at: address)
        let logger = Logger(label: "ebb-dashboard") { StreamLogHandler.standardError(label: $0) }
        let reader = FleetReader(store: try store(), fleet: try fleet.map(FleetWatch.read) ?? [])
        let site = Site(reader: reader, access: access, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let fleet {
                let watch = FleetWatch(path: fleet, reader: reader, logger: logger)
                group.addTask { await watch.run() }
            }
            if untilInputEnds {
                group.addTask {
                    await InputWatch.end()
                    // As if it had been told to: what is being answered comes to its end.
                    if !Task.isCancelled { kill(getpid(), SIGTERM) }
                }
            }
            defer { group.cancelAll() }
            try await site.application(at: address).runService()
        }
    }

    /// The database, which Ebb makes and this process only reads.
    private func store() throws -> Store {
        do throws(StoreError) { return try Store.open(database, mustExist: true) } catch {
            guard error.code == .notFound else { throw error }
            throw ValidationError("\(error.message); `ebb serve` and `ebb drift` make one")
        }
    }

    private func access(at address: DashboardAddress) throws -> Access {
        if let tokenFile {
            let text = String(decoding: try Data(contentsOf: URL(filePath: tokenFile)), as: UTF8.self)
            let token = text.prefix { !$0.isNewline }
            guard token.utf8.count >= 16 else {
                throw ValidationError("the token in \(tokenFile) is shorter than 16 bytes")
            }
            return .token(Secret(String(token)))
        }
        guard address.isLoopback else {
            throw ValidationError(
                "\(address.host) can be reached from elsewhere: give --token-file, or listen at "
                    + "127.0.0.1 behind a proxy")
        }
        if let proxyHeader { return .proxy(header: proxyHeader) }
        return .anybody(knownAs: ["localhost", "127.0.0.1", "[::1]", address.host])
    }
}

/// Takes over the file with what the inventory says, whenever it is replaced.
struct FleetWatch: Sendable {
    let path: String
    let reader: FleetReader
    let logger: Logger

    /// The file as it is now.
    static func read(_ path: String) throws -> [HostSettings] {
        let data = try Data(contentsOf: URL(filePath: path))
        do { return try JSONDecoder().decode([HostSettings].self, from: data) } catch is DecodingError {
            throw ValidationError("\(PrintableText.line(path)) is not a fleet file; `ebb serve` writes it")
        }
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

/// Notices that the process which started this one has ended: its end of the pipe is closed.
enum InputWatch {
    /// Returns when standard input is at its end.
    static func end() async {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while !Task.isCancelled {
            if poll(&descriptor, 1, 0) > 0 {
                var byte: UInt8 = 0
                // Nothing is ever sent; a byte would be read and forgotten.
                if read(STDIN_FILENO, &byte, 1) <= 0 { return }
            }
            try? await Task.sleep(for: .milliseconds(300))
        }
    }
}
