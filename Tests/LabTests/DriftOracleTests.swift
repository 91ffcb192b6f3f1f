import EbbModel
import Foundation
import Testing

extension RealHosts {
    /// What Ebb says a boot will undo, against what a boot really undoes.
    @Suite struct DriftOracleTests {
        /// The parts of `ebb.drift/1` that name a path exactly.
        struct Prediction: Decodable {
            struct Entry: Decodable {
                let path: String
                let pathBase64: String?
                let change: String
                let renamedFrom: String?
            }

            struct Host: Decodable {
                let host: String
                let complete: Bool
                let entries: [Entry]
            }

            let hosts: [Host]
        }

        @Test(arguments: OracleHost.chosen) func `what is predicted to be lost is what a real reboot undoes`(
            host: OracleHost
        ) async throws {
            try await host.lend { lab in
                for _ in 1...OracleHost.seeds { try await compare(host, lab, seed: Int.random(in: 1...1_000_000_000)) }
            }
        }

        private func compare(_ host: OracleHost, _ lab: Lab, seed: Int) async throws {
            let operations = try await host.perl("operate", String(seed), "2000")
            let drift = try await lab.json(Prediction.self, "drift", host.name, "--all-verdicts", "--no-fold")
            let predicted = try #require(drift.document.hosts.first)
            #expect(predicted.complete, "\(drift.ended.output)")
            let before = Self.tree(try await host.perl("walk"))
            try await host.reboot()
            let after = Self.tree(try await host.perl("walk"))

            var undone: Set<BytePath> = []
            for path in Set(before.keys).union(after.keys) where before[path] != after[path] { undone.insert(path) }
            var lost: Set<BytePath> = []
            for entry in predicted.entries {
                lost.insert(Self.path(entry.path, entry.pathBase64))
                if let old = entry.renamedFrom { lost.insert(Self.path(old, nil)) }
            }
            let places = host.places.map { BytePath($0) }
            lost = lost.filter { path in places.contains { path.isInside($0) } }
            let missed = undone.subtracting(lost)
            let invented = lost.subtracting(undone)
            try OracleHost.note(
                "\(host.name) seed \(seed): \(undone.count) paths undone, "
                    + "\(missed.count) missed, \(invented.count) invented")
            let context = "\(host.name) seed \(seed)"
            #expect(undone.count > 100, "\(context): the operations did too little")
            #expect(missed.isEmpty, "\(context) missed; \(operations)")
            #expect(invented.isEmpty, "\(context) invented; \(operations)")
        }

        static func tree(_ text: String) -> [BytePath: String] {
            var tree: [BytePath: String] = [:]
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
                if parts.count == 2 { tree[BytePath(bytes: bytes(hexadecimal: parts[0]))] = parts[1] }
            }
            return tree
        }

        static func bytes(hexadecimal text: String) -> [UInt8] {
            let digits = Array(text)
            return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(digits[$0...($0 + 1)]), radix: 16)
            }
        }

        /// The bytes of a path: exact where given, else read back from its printable form.
        static func path(_ text: String, _ base64: String?) -> BytePath {
            if let base64, let data = Data(base64Encoded: base64) { return BytePath(bytes: Array(data)) }
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
                    bytes.append(byte)
                    continue
                }
                switch letter {
                case UInt8(ascii: "n"): bytes.append(10)
                case UInt8(ascii: "t"): bytes.append(9)
                case UInt8(ascii: "x"):
                    bytes += Self.bytes(hexadecimal: String(decoding: rest.prefix(2), as: UTF8.self))
                    rest = rest.dropFirst(2)
                default: bytes.append(letter)
                }
            }
            return BytePath(bytes: bytes)
        }
    }
}
