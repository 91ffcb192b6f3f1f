package import EbbModel
package import EbbProbe
import FoundationEssentials

/// What an `AdoptScript` did, as far as its output tells.
package struct AdoptReport: Hashable, Sendable {
    /// A state of the journal, in the order of a move.
    package enum Step: String, Sendable, Codable, CaseIterable {
        case begun, copying, copied, compared, placing, placed, listed, effective, restoring
    }

    /// How a run ended.
    package enum End: Hashable, Sendable {
        /// It was so already.
        case unchanged(String)
        /// It is done now.
        case changed(String)
        /// It is not done, for a reason with a cure; the path is as it was.
        case refused(AdoptRefusal)
        /// It stopped on the way; running it again continues.
        case failed(code: String, message: String)
        /// The output ended before the run did: the host may still be at it.
        case interrupted
    }

    /// Something worth telling that is no end.
    package struct Note: Hashable, Sendable {
        /// A word that says what it is about.
        package let topic: String
        /// May hold text of the host, so print it escaped.
        package let message: String
    }

    /// The states that this run reached, in order.
    package private(set) var steps: [Step] = []
    package private(set) var notes: [Note] = []
    package private(set) var end: End = .interrupted

    /// Reads the standard output of a run; lines without the nonce's mark are passed over.
    package init(parsing output: [UInt8], nonce: ProbeNonce) {
        let mark = "ebb-adopt:\(nonce.text)"
        for row in output.split(separator: UInt8(ascii: "\n")) {
            let fields = String(decoding: row, as: UTF8.self).split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 4, fields[0] == mark, let data = Data(base64Encoded: String(fields[3])) else {
                continue
            }
            read(String(fields[1]), String(fields[2]), String(decoding: data, as: UTF8.self))
        }
    }

    private mutating func read(_ kind: String, _ name: String, _ message: String) {
        switch kind {
        case "step": if let step = Step(rawValue: name) { steps.append(step) }
        case "note": notes.append(Note(topic: name, message: message))
        case "end": end = Self.end(name, message)
        default: break
        }
    }

    private static func end(_ name: String, _ message: String) -> End {
        let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
        let code = parts.last ?? ""
        switch parts.first {
        case "ok": return .unchanged(message)
        case "changed": return .changed(message)
        case "refused":
            guard let known = AdoptRefusal.Code(rawValue: code) else { fallthrough }
            return .refused(AdoptRefusal(known, message))
        default: return .failed(code: code, message: message)
        }
    }

    /// The outcome for the host.
    package var outcome: Outcome {
        switch end {
        case .unchanged: .ok
        case .changed: .changed
        case .refused, .failed: .failed
        case .interrupted: .indeterminate
        }
    }
}

/// Why a path is not moved, in words that name the cure; nothing was changed.
package struct AdoptRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The closed list of reasons.
    package enum Code: String, Sendable, Codable, CaseIterable {
        // Decided before anything is sent.

        /// The declaration is not an absolute, plain path, or its target is none.
        case badPath = "bad-path"
        /// Its mechanism is `dataset` or `config`: there is nothing to move.
        case mechanism
        /// No persistent storage is declared that holds the target.
        case noStorage = "no-storage"
        /// Another declared path contains it, or lies in it.
        case overlap
        /// Programs replace this file by renaming a new one over it.
        case renamedOver = "renamed-over"

        // Decided on the host.

        /// The original, still on the root, was written to after it was copied.
        case diverged

        case absent, busy, changing, locked, mounted, owner, unfinished
        case containsMount = "contains-mount"
        case containsSubvolume = "contains-subvolume"
        /// A file in it has another name outside of it, which the copy would not follow.
        case hardLinked = "hard-linked"
        /// The storage cannot hold all that there is to copy.
        case notCopied = "not-copied"
        case specialFile = "special-file"
        case inTheWay = "in-the-way"
        case isLink = "is-link"
        case linkInPath = "link-in-path"
        case listedDifferently = "listed-differently"
        case noSpace = "no-space"
        case notInEffect = "not-in-effect"
        case notRebooted = "not-rebooted"
        case notRoot = "not-root"
        /// Another account can change a directory that root would act in.
        case notRoots = "not-roots"
        /// The target's place is open to accounts that the path's place keeps out.
        case opensUp = "opens-up"
        case storageNotRoots = "storage-not-roots"
        case onlyCopy = "only-copy"
        case otherMount = "other-mount"
        case rollingBack = "rolling-back"
        case storageNotMounted = "storage-not-mounted"
        case storageNotPersistent = "storage-not-persistent"
        case storageReadOnly = "storage-read-only"
        case targetDiffers = "target-differs"
        case toolMissing = "tool-missing"
        case bootUnitMissing = "boot-unit-missing"
    }

    package let code: Code
    /// One or two sentences; may hold text of the host, so print it escaped.
    package let message: String

    package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    package var description: String { "\(message) (\(code.rawValue))" }
}
