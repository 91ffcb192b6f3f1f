import EbbClassifier
import EbbEngine
import EbbInventory
import EbbModel
import EbbSSH
import EbbStore
import EbbTransport
import FoundationEssentials
import Synchronization

/// The hosts that a command is about, and the parts that work on them, composed in one place.
final class Fleet: Sendable {
    /// The chosen hosts, in the inventory's order.
    let selected: [HostSettings]
    /// Every host of the inventory.
    let all: [HostSettings]
    /// What is known of paths: Ebb's own catalogue, and what the inventory's `catalogue.yml` adds.
    let catalogue: Catalogue
    private let options: GlobalOptions
    private let parts = Mutex(Parts())

    private struct Parts {
        var store: Store?
        var transport: LimitedTransport<AutoTransport>?
    }

    /// Reads the inventory and chooses; throws a usage error that tells every problem at once.
    static func load(_ options: GlobalOptions, pattern: String) async throws -> Fleet {
        let catalogue = try catalogue(options)
        let presets = catalogue.presets.keys.sorted()
        return Fleet(
            try Selection.load(pattern, options, presets: presets), catalogue, options)
    }

    private static func catalogue(_ options: GlobalOptions) throws -> Catalogue {
        let path = options.inventoryPath + "/" + InventoryLoader.catalogueName
        guard FileManager.default.fileExists(atPath: path) else { return .builtIn }
        do {
            let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            return Catalogue.builtIn.extended(by: try Catalogue(yaml: text))
        } catch {
            throw Failure(
                .usage, "the catalogue at \(PrintableText.line(path)) cannot be read",
                hint: "it is written as docs/inventory.md tells", cause: error)
        }
    }

    private init(_ selection: Selection, _ catalogue: Catalogue, _ options: GlobalOptions) {
        self.catalogue = catalogue
        selected = selection.settings
        all = selection.inventory.hosts.map(\.settings)
        self.options = options
    }

    /// The database, opened once.
    func store() async throws -> Store {
        try parts.withLock { parts in
            if let store = parts.store { return store }
            let store = try Store.open(options.databasePath)
            parts.store = store
            return store
        }
    }

    /// Everything that work on hosts needs.
    func engine() async throws -> Engine {
        let notes = options.notes
        let transport = LimitedTransport(
            AutoTransport(notice: { notes.warning($0) }), connections: options.parallel)
        parts.withLock { $0.transport = transport }
        return Engine(
            transport: transport, store: try await store(), catalogue: catalogue,
            limits: EngineLimits(
                connect: options.connectTimeout.duration, command: options.timeout.duration,
                parallel: options.parallel),
            toolVersion: EbbCommand.version)
    }

    /// Ends what was opened.
    func shutdown() async {}
}
