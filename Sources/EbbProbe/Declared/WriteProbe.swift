package import EbbModel

/// Tries whether declared paths can be written to: the one probe that writes, one file that is gone at once.
package enum WriteProbe {
    package static let name = "write-test"

    /// One question for all entries; `outcomes` reads the answer.
    package static func probe(_ entries: [PersistenceEntry], on storages: [PersistentStorage]) -> ProbeScript.Probe {
        let words = entries.flatMap { entry -> [String] in
            let isElsewhere = entry.mechanism == .symlink || entry.mechanism == .config
            let place = isElsewhere ? entry.target ?? "" : entry.path
            return [
                entry.storage(among: storages) ?? "", entry.writeTest == .directory ? place : "",
                isElsewhere ? place : "",
            ]
        }
        return ProbeScript.Probe(
            name: name, shell: HostScript(PackageResources.write_test_sh, words: words),
            limit: min(600, 60 + entries.count * 5))
    }

    /// How the writes went, by declared path; throws where the answer is not one of each.
    package static func outcomes(_ output: [UInt8], of entries: [PersistenceEntry]) throws(ProbeGap) -> [String:
        WriteTest]
    {
        let fields = output.split(separator: 0, omittingEmptySubsequences: false)
        // The last NUL leaves an empty field behind it.
        guard fields.count == entries.count * 3 + 1, fields.last?.isEmpty == true else {
            throw odd("not three fields an entry")
        }
        var tests: [String: WriteTest] = [:]
        for (index, entry) in entries.enumerated() {
            guard String(decoding: fields[index * 3], as: UTF8.self) == String(index) else {
                throw odd("entries out of order")
            }
            tests[entry.path] = WriteTest(
                storage: try outcome(fields[index * 3 + 1]), directory: try outcome(fields[index * 3 + 2]))
        }
        return tests
    }

    private static func outcome(_ field: ArraySlice<UInt8>) throws(ProbeGap) -> WriteTest.Outcome? {
        let words = field.split(separator: UInt8(ascii: " "), maxSplits: 1)
        let why = words.count > 1 ? String(decoding: words[1], as: UTF8.self) : ""
        switch words.first.map({ String(decoding: $0, as: UTF8.self) }) {
        case nil: return nil
        case "works": return .works
        case "fails": return .fails(why)
        case "untried": return .untried(why)
        default: throw odd("an answer of no known kind")
        }
    }

    private static func odd(_ message: String) -> ProbeGap {
        ProbeGap(probe: name, reason: .unparseable, message: message)
    }
}

extension PersistenceEntry {
    /// Mount point of the declared storage that holds the target; a dataset is its own.
    fileprivate func storage(among storages: [PersistentStorage]) -> String? {
        guard mechanism != .dataset, let target else { return nil }
        let holders = storages.map(\.mount).filter { BytePath(target).isInside(BytePath($0)) }
        return holders.max { $0.utf8.count < $1.utf8.count }
    }
}
