import EbbClassifier
import EbbEngine
import EbbInventory
import EbbModel
import EbbSSH
import EbbStore
import EbbTransport
import Synchronization

/// The hosts that a command is about, and the parts that work on them, composed in one place.
final class Fleet: Sendable {
    /// The chosen hosts, in the inventory's order.
    let selected: [HostSettings]
    /// Every host of the inventory.
    let all: [HostSettings]
    private let options: GlobalOptions
    private let parts = Mutex(Parts())

    private struct Parts {
        var store: Store?
    }

    /// Reads the inventory and chooses; throws a usage error that tells every problem at once.
    static func load(_ options: GlobalOptions, pattern: String) async throws -> Fleet {
        let presets = Catalogue.builtIn.presets.keys.sorted()
        let selection = try Selection.load(pattern, options, presets: presets)
        let chosen = try await OpenSSHSettings.completing(selection.hosts, notes: options.notes)
        return Fleet(selection, chosen, options)
    }

    private init(_ selection: Selection, _ chosen: [HostSettings], _ options: GlobalOptions) {
        selected = chosen
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
    ///
    /// It refuses a machine other than the recorded one, save for who wants to find that out.
    func engine(verifyingMachines: Bool = true) async throws -> Engine {
        let notes = options.notes
        let store = try await store()
        let limited = LimitedTransport(
            AutoTransport(notice: { notes.warning($0) }), connections: options.parallel)
        let verified = VerifiedTransport(limited) { host throws(TransportError) in
            do throws(StoreError) {
                return try await store.identities(of: host, .machineID).first?.value
            } catch {
                throw TransportError(
                    .controllerFailed, phase: .resolve, host: host,
                    "Which machine was recorded for the host cannot be read.", cause: error)
            }
        }
        return Engine(
            transport: verifyingMachines ? verified : limited, store: store, catalogue: .builtIn,
            limits: EngineLimits(
                connect: options.connectTimeout.duration, command: options.timeout.duration,
                parallel: options.parallel),
            toolVersion: EbbCommand.version)
    }

    /// Ends what was opened.
    func shutdown() async {}
}
