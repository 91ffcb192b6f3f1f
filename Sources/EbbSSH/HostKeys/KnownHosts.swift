import Crypto
import EbbModel
package import EbbTransport
import FoundationEssentials
import Glibc

/// The host keys that are pinned in files of OpenSSH's known_hosts format.
package struct KnownHosts: Sendable {
    /// A line that pins, revokes or certifies.
    package struct Pin: Hashable, Sendable {
        /// What a line states about its key.
        package enum Marker: String, Sendable {
            case none = ""
            case revoked = "@revoked"
            case authority = "@cert-authority"
        }

        package let key: HostKey
        package let marker: Marker
        /// The file that holds it.
        package let file: String
        package let line: Int
    }

    /// A line that is not a comment; its key is read when its name is asked for.
    private struct Entry {
        let file: Int
        let line: Int
        let marker: Pin.Marker?
        let names: Range<Int>
        /// What stands behind the names.
        let rest: Range<Int>
        /// The names, unless they are in the index.
        let pattern: HostPattern?
    }

    private var files: [(name: String, text: [UInt8])] = []
    private var entries: [Entry] = []
    /// The entries that write a name out, by its digest.
    private var named: [UInt64: [Int]] = [:]
    /// The entries whose names are hashed, or hold wildcards or exclusions.
    private var patterns: [Int] = []

    package init() {}

    /// Reads the text of a file.
    package init(_ text: some Sequence<UInt8>, file: String) { add(text, file: file) }

    /// Adds the text of another file.
    package mutating func add(_ text: some Sequence<UInt8>, file: String) {
        let text = Array(text)
        files.append((file, text))
        text.withUnsafeBufferPointer { bytes in
            var start = 0
            var number = 0
            while start < bytes.count {
                let end = Self.index(of: UInt8(ascii: "\n"), from: start, in: bytes)
                number += 1
                add(line: start..<end, of: bytes, number: number)
                start = end + 1
            }
        }
    }

    private mutating func add(line: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, number: Int) {
        var rest = line
        guard var names = Self.nextField(&rest, of: bytes), bytes[names.lowerBound] != 0x23 else { return }
        var marker: Pin.Marker? = Pin.Marker.none
        if bytes[names.lowerBound] == UInt8(ascii: "@") {
            marker = Pin.Marker(rawValue: String(decoding: bytes[names], as: UTF8.self))
            names = Self.nextField(&rest, of: bytes) ?? rest
        }
        let field = bytes[names]
        let isIndexed = !field.isEmpty && !field.contains(where: Self.isSpecial)
        let pattern = isIndexed ? nil : HostPattern(String(decoding: field, as: UTF8.self))
        if isIndexed {
            for name in field.split(separator: Self.comma) {
                named[Self.digest(name), default: []].append(entries.count)
            }
        } else if pattern != nil {
            patterns.append(entries.count)
        }
        entries.append(
            Entry(
                file: files.count - 1, line: number, marker: isIndexed || pattern != nil ? marker : nil, names: names,
                rest: rest, pattern: pattern))
    }

    /// Lines that nothing was understood of: pins that do not protect anybody.
    package var unreadable: [(file: String, line: Int)] {
        entries.filter { pin($0) == nil }.map { (files[$0.file].name, $0.line) }
    }

    /// What a line pins; nil when its key cannot be read.
    private func pin(_ entry: Entry) -> Pin? {
        guard let marker = entry.marker else { return nil }
        let (file, text) = files[entry.file]
        let fields = text[entry.rest].split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        guard fields.count >= 2, let blob = Data(base64Encoded: String(decoding: fields[1], as: UTF8.self)),
            let key = HostKey(blob: Array(blob)), key.algorithm.utf8.elementsEqual(fields[0])
        else { return nil }
        return Pin(key: key, marker: marker, file: file, line: entry.line)
    }

    /// The next word of a line; the rest begins behind it.
    private static func nextField(_ rest: inout Range<Int>, of bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        guard let start = bytes[rest].firstIndex(where: { !isBlank($0) }) else { return nil }
        let end = bytes[start..<rest.upperBound].firstIndex(where: isBlank) ?? rest.upperBound
        rest = end..<rest.upperBound
        return start..<end
    }

    /// Whether a byte makes a field of names more than a list of names: `*`, `?`, `!`, `|`.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == 0x2A || byte == 0x3F || byte == 0x21 || byte == 0x7C
    }

    /// Where a byte is next; the end where it is not.
    private static func index(of byte: UInt8, from start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard let base = bytes.baseAddress, let found = memchr(base + start, Int32(byte), bytes.count - start) else {
            return bytes.count
        }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private static let comma = UInt8(ascii: ",")

    /// FNV-1a of a name, whatever its case.
    private static func digest(_ name: some Sequence<UInt8>) -> UInt64 {
        name.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64(lowered($1))) &* 0x100_0000_01B3 }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

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
    static func name(of address: String, port: Int) -> String { port == 22 ? address : "[\(address)]:\(port)" }

    private func pins(named name: String) -> [Pin] {
        let written = (named[Self.digest(name.utf8)] ?? []).filter { isNamed(name, entries[$0]) }
        let matching = patterns.filter { entries[$0].pattern?.matches(name) == true }
        return (written + matching).sorted().compactMap { pin(entries[$0]) }
    }

    /// Whether an entry writes out a name, whatever its case.
    private func isNamed(_ name: String, _ entry: Entry) -> Bool {
        files[entry.file].text[entry.names].split(separator: Self.comma).contains {
            $0.lazy.map(Self.lowered).elementsEqual(name.utf8)
        }
    }
}

/// The first field of a known_hosts line: which names a key is for.
enum HostPattern: Hashable, Sendable {
    /// Names with `*` and `?`; a name that matches a `!` pattern is excluded.
    case plain(included: [Glob], excluded: [Glob])
    /// HMAC-SHA1 of exactly one name.
    case hashed(salt: [UInt8], digest: [UInt8])

    /// Reads the field; nil when it names nothing.
    init?(_ field: String) {
        if field.hasPrefix("|1|") {
            let parts = field.dropFirst(3).split(separator: "|", omittingEmptySubsequences: false)
            guard parts.count == 2, let salt = Data(base64Encoded: String(parts[0])),
                let digest = Data(base64Encoded: String(parts[1])), digest.count == 20
            else { return nil }
            self = .hashed(salt: Array(salt), digest: Array(digest))
            return
        }
        let names = field.split(separator: ",").map { $0.lowercased() }
        let included = names.filter { !$0.hasPrefix("!") }
        let excluded = names.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) }
        guard !included.isEmpty else { return nil }
        self = .plain(included: included.map { Glob($0, .openSSH) }, excluded: excluded.map { Glob($0, .openSSH) })
    }

    /// Whether the line is for this name, which is written in lower case.
    func matches(_ name: String) -> Bool {
        switch self {
        case .plain(let included, let excluded):
            included.contains { $0.matches(name) } && !excluded.contains { $0.matches(name) }
        case .hashed(let salt, let digest):
            Insecure.SHA1.byteCount == digest.count
                && HMAC<Insecure.SHA1>.isValidAuthenticationCode(
                    digest, authenticating: Array(name.utf8), using: SymmetricKey(data: salt))
        }
    }
}

/// Writes pins into a file of OpenSSH's known_hosts format.
package enum KnownHostsFile {
    /// Why a key was not pinned.
    package struct CannotPin: Error, CustomStringConvertible { package let description: String }

    /// Appends a key that nothing is known of; a changed or revoked one is never written.
    ///
    /// The line is appended in one write, so that two programs that pin at the same time both keep
    /// their lines.
    package static func pin(_ refusal: HostKeyRefusal) throws(CannotPin) {
        switch refusal.verdict {
        case .unknown, .authorityOnly: break
        case .accepted, .mismatch, .revoked: throw CannotPin(description: "the key of \(refusal.name) is not a new one")
        }
        guard let path = refusal.files.first else {
            throw CannotPin(description: "no known_hosts file is set for \(refusal.name)")
        }
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try? FileManager.default.createDirectory(
            atPath: "/" + folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let key = Data(refusal.key.blob).base64EncodedString()
        let end = FileManager.default.contents(atPath: path)?.last
        let start = end == nil || end == 0x0A ? "" : "\n"
        let line = Array("\(start)\(refusal.name) \(refusal.key.algorithm) \(key)\n".utf8)
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CannotPin(description: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else {
            throw CannotPin(description: "\(path): \(String(cString: strerror(errno)))")
        }
    }
}
