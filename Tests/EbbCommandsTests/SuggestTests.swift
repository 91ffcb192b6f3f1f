import EbbClassifier
import EbbInventory
import EbbModel
import EbbTestSupport
import Testing

@testable import EbbCommands
@testable import EbbEngine
@testable import EbbProbe

/// Whether what `ebb persistence suggest` prints is what `ebb inventory check` takes.
@Suite struct SuggestTests {
    private static func problems(_ declared: [PersistenceEntry], _ suggested: String, storage: Bool = true) -> [String]
    {
        let lines = declared.map { "{path: \(YAMLText.quoted($0.path)), mechanism: \($0.mechanism.rawValue)}" }
        let ebb =
            "ebb: {\(storage ? "persist: [{mount: /persist}], " : "")persistence: [\(lines.joined(separator: ", "))]}"
        let files = ["hosts.yml": "all: {hosts: {h: {}}, vars: {\(ebb)}}\n", "host_vars/h.yml": suggested]
        let context = InventoryContext(directory: "inventory", home: "/home/op", user: "op")
        let reading = InventoryReader.read(
            files.filter { !$0.value.isEmpty }.map { InventoryFile(path: $0.key, bytes: Array($0.value.utf8)) }, context
        )
        return reading.problems.map(\.description)
    }

    private static func suggested(
        _ entries: [DriftEntry], _ declared: [PersistenceEntry], _ random: inout SeededRandom, storage: Bool = true
    ) throws -> (proposals: [Proposal], text: String) {
        var settings = HostSettings(
            host: try HostName("h"), groups: [], connection: ConnectionSettings(host: try HostName("h"), address: "h"))
        settings.persistence = declared
        settings.persist = storage ? [PersistentStorage(mount: "/persist")] : []
        let proposals = try Proposal.all(
            for: entries.sorted { $0.change.path < $1.change.path }, declared: settings.persistenceSet(),
            on: settings.persist)
        var origins: [BytePath: Attribution] = [:]
        let accounts = ["root", "DOM\\me", "two words", "a:b", "-x", "UNKNOWN", "no", "1000", "ü"]
        for proposal in proposals {
            var origin = Attribution()
            (origin.owner, origin.group) = (
                accounts.randomElement(using: &random), accounts.randomElement(using: &random)
            )
            origin.mode = UInt16.random(in: 0...0o7777, using: &random)
            origins[proposal.path] = origin
        }
        let advice = Advice(host: settings.host, proposals: proposals, origins: origins, gaps: [], hasStorage: storage)
        return (proposals, PersistenceSuggestCommand.declarations(advice))
    }

    private static func entry(_ path: String, _ kind: FileKind, _ change: PathChange.Kind = .added) -> DriftEntry {
        DriftEntry(
            change: PathChange(path: BytePath(path), change: change, kind: kind, size: 10), verdict: .unexplained,
            stateClass: .unknown, reason: "because")
    }

    @Test func `whatever is suggested passes the check of the inventory`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let places = [
            "/etc/ssh", "/var/lib/postgresql", "/nix", "/boot", "/var/lib/app", "/data", "/data/app", "/persist/x",
            "/home/u", "/var/lib/machines", "/var/lib/docker", "/etc", "/srv/{{ x", "/srv/ü ö", "/srv/\u{1b}[1m",
        ]
        let names = [
            "/a", "/app.db", "/app.db-wal", "/sub", "/sub/deep", "/sub/deep/x.sqlite", "/ssh_host_rsa_key", "",
        ]
        let kinds: [FileKind] = [.file, .directory, .symlink]
        var printed = 0
        for _ in 0..<400 {
            func path() -> String {
                (places.randomElement(using: &random) ?? "/a") + (names.randomElement(using: &random) ?? "")
            }
            let entries = Dictionary(
                (0..<Int.random(in: 1...12, using: &random)).map { _ in
                    let entry = Self.entry(
                        path(), kinds.randomElement(using: &random) ?? .file,
                        PathChange.Kind.allCases.randomElement(using: &random) ?? .added)
                    return (entry.change.path, entry)
                }, uniquingKeysWith: { first, _ in first }
            ).values
            let mechanisms: [Mechanism] = [.bind, .symlink, .dataset, .config]
            let storage = Int.random(in: 0..<8, using: &random) > 0
            let declared =
                !storage
                ? []
                : (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    PersistenceEntry(path: path(), mechanism: mechanisms.randomElement(using: &random) ?? .bind)
                }
            // A set that is refused as it is says nothing.
            guard Self.problems(declared, "", storage: storage).isEmpty else { continue }
            let (_, text) = try Self.suggested(Array(entries), declared, &random, storage: storage)
            let problems = Self.problems(declared, text, storage: storage)
            #expect(problems.isEmpty, "seed \(seed): \(problems)\n\(declared)\n\(text)")
            printed += text.isEmpty ? 0 : 1
        }
        #expect(printed > 100, "seed \(seed)")
    }

    @Test func `what lies in another proposal is kept with it, and what is in the way is said`() throws {
        var random = SeededRandom(seed: 1)
        let (nested, text) = try Self.suggested(
            [Self.entry("/data/app/app.db", .file), Self.entry("/data/app/sub", .directory, .renamed)], [], &random)
        #expect(nested.map(\.path) == [BytePath("/data/app")] && nested[0].covers == 2)
        #expect(text.contains("/data/app") && !text.contains("sub"))

        let declared = [PersistenceEntry(path: "/data/app/sub", mechanism: .bind)]
        let (blocked, none) = try Self.suggested([Self.entry("/data/app/app.db", .file)], declared, &random)
        #expect(blocked.first?.isObstructed == true && none.isEmpty)
        #expect(blocked.first?.reason.contains("/data/app/sub, in it, is declared already") == true)
    }
}
