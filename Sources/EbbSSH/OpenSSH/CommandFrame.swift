import EbbModel
import EbbTransport

/// Proves how a command ended, which the `ssh` program alone does not.
///
/// Its exit status 255 means "exited with 255", "killed" and "connection lost" alike. So a shell on
/// the host writes two marks to standard error, behind a word that nobody can guess: one before the
/// command, one with its status after it. Both are taken out of the output again.
struct CommandFrame {
    /// What was found in a piece of standard error.
    struct Found {
        var text: [UInt8] = []
        var hasStarted = false
        var status: Int32?
    }

    private let word: [UInt8]
    private var held: [UInt8] = []
    /// More bytes than any mark has.
    private static let longest = 64
    /// More bytes than a status and its end have.
    private static let maxStatus = 12

    init(word: String = RemoteCommand.unguessableWord()) { self.word = Array(word.utf8) }

    /// The command line that writes both marks around a command.
    func line(for command: RemoteCommand) -> String {
        let word = String(decoding: word, as: UTF8.self)
        let script = """
            printf %s, \(word) >&2; \(command.shellLine); ebb=$?; printf %s%s. \(word) "$ebb" >&2
            """
        return "sh -c " + RemoteCommand.quoted(script)
    }

    /// Takes bytes of standard error, and gives back what certainly is the command's own.
    mutating func take(_ bytes: [UInt8]) -> Found {
        held += bytes
        var found = Found()
        while let start = Self.position(of: word, in: held) {
            let after = held[(start + word.count)...]
            guard let end = after.prefix(Self.maxStatus).firstIndex(where: { $0 == 0x2C || $0 == 0x2E }) else { break }
            found.text += held[..<start]
            if held[end] == 0x2C {
                found.hasStarted = true
            } else {
                found.status = Int32(String(decoding: after[..<end], as: UTF8.self))
            }
            held.removeFirst(end + 1)
        }
        let kept = held.indices.suffix(Self.longest).first { mayBeMark(held[$0...]) }
        let sure = kept ?? held.endIndex
        found.text += held.prefix(sure)
        held.removeFirst(sure)
        return found
    }

    /// Whether bytes at the end of a piece may be the beginning of a mark.
    private func mayBeMark(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count < word.count
            ? word.starts(with: bytes) : bytes.count < word.count + Self.maxStatus && bytes.starts(with: word)
    }

    /// The rest, once nothing more comes.
    mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }

    /// What a shell's `$?` means; above 128 it is a signal, in every shell.
    static func end(status: Int32) -> CommandEnd {
        let names: [Int32: String] = [
            1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1",
            11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM",
        ]
        return names[status - 128].map { .signalled($0) } ?? .exited(status)
    }

    private static func position(of word: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= word.count, let first = word.first else { return nil }
        var index = 0
        while let next = bytes[index...].firstIndex(of: first) {
            guard next + word.count <= bytes.count else { return nil }
            if bytes[next..<(next + word.count)].elementsEqual(word) { return next }
            index = next + 1
        }
        return nil
    }
}
