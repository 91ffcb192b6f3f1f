package import EbbTransport
import FoundationEssentials

/// The host keys that are pinned in files of OpenSSH's known_hosts format.
package struct KnownHosts: Sendable {
    /// A line that pins, revokes or certifies.
    package struct Pin: Hashable, Sendable {
        /// What a line says of its key.
        package enum Marker: Sendable {
            case none, revoked, authority
        }

        package let key: HostKey
        package let marker: Marker
        /// Where it stands.
        package let file: String
        package let line: Int
    }

    private struct Entry {
        let pattern: HostPattern
        let pin: Pin
    }

    private var entries: [Entry] = []
    /// The entries of each name that is written out: found without looking at all others.
    private var named: [String: [Int]] = [:]
    /// The entries whose names are hashed, or hold wildcards or exclusions.
    private var patterns: [Int] = []
    /// Lines that nothing was understood of: pins that do not protect anybody.
    package private(set) var unreadable: [(file: String, line: Int)] = []

    package init() {}

    /// Reads the text of a file.
    package init(_ text: some Sequence<UInt8>, file: String) { add(text, file: file) }

    /// Adds the text of another file.
    package mutating func add(_ text: some Sequence<UInt8>, file: String) {
        let lines = Array(text).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() {
            var fields = String(decoding: bytes, as: UTF8.self)
                .split { $0 == " " || $0 == "\t" || $0 == "\r" }[...]
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            var marker = Pin.Marker.none
            if first.hasPrefix("@") {
                fields = fields.dropFirst()
                switch first {
                case "@revoked": marker = .revoked
                case "@cert-authority": marker = .authority
                default: fields = []
                }
            }
            guard fields.count >= 3, let names = fields.popFirst(),
                let algorithm = fields.popFirst(), let encoded = fields.popFirst(),
                let pattern = HostPattern(String(names)),
                let blob = Data(base64Encoded: String(encoded)),
                let key = HostKey(blob: Array(blob)), key.algorithm == algorithm
            else {
                unreadable.append((file, index + 1))
                continue
            }
            let pin = Pin(key: key, marker: marker, file: file, line: index + 1)
            if let names = pattern.exactNames {
                for name in Set(names) { named[name, default: []].append(entries.count) }
            } else {
                patterns.append(entries.count)
            }
            entries.append(Entry(pattern: pattern, pin: pin))
        }
    }

    /// What is pinned for an address.
    ///
    /// As OpenSSH does, `[address]:port` is looked for first, and the bare address only where that
    /// pins nothing.
    package func pins(address: String, port: Int) -> [Pin] {
        let name = address.lowercased()
        guard port != 22 else { return pins(named: name) }
        let exact = pins(named: Self.name(of: name, port: port))
        let bare = pins(named: name)
        // What is revoked under the bare name is revoked on every port of it.
        let isPinned = exact.contains { $0.marker == .none }
        return exact + (isPinned ? bare.filter { $0.marker == .revoked } : bare)
    }

    /// The name under which OpenSSH keeps the keys of an address.
    static func name(of address: String, port: Int) -> String {
        port == 22 ? address : "[\(address)]:\(port)"
    }

    private func pins(named name: String) -> [Pin] {
        let matching = patterns.filter { entries[$0].pattern.matches(name) }
        return ((named[name] ?? []) + matching).sorted().map { entries[$0].pin }
    }
}
