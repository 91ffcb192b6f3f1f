package import EbbModel

/// The answers to a `ProbeScript`, collected.
package struct ProbeReport: Sendable {
    /// The probes that ended, by name.
    package private(set) var results: [String: ProbeResult] = [:]
    private var parser: FrameParser
    private let limit: Int
    private var output: [UInt8] = []
    private var dropped = 0

    /// An empty report, to be fed; each probe keeps at most `limit` bytes of output.
    package init(nonce: ProbeNonce, limit: Int = 4 << 20) {
        parser = FrameParser(nonce: nonce)
        self.limit = limit
    }

    /// Reads a whole output.
    package init(parsing bytes: [UInt8], nonce: ProbeNonce, limit: Int = 4 << 20) {
        self.init(nonce: nonce, limit: limit)
        feed(bytes)
    }

    /// Whether the script ran to its end.
    package private(set) var isComplete = false

    /// Reads the next bytes of the script's standard output.
    package mutating func feed(_ bytes: [UInt8]) {
        var parser = parser
        parser.feed(bytes) { event in take(event) }
        self.parser = parser
    }

    /// Records what a parser of the same script found.
    mutating func take(_ event: FrameEvent) {
        switch event {
        case .complete: isComplete = true
        case .begin:
            output = []
            dropped = 0
        case .output(let slice):
            let room = max(0, limit - output.count)
            output += slice.prefix(room)
            dropped += max(0, slice.count - room)
        case .end(let name, let status, let error):
            results[name] = ProbeResult(
                name: name, status: status, output: output, standardError: error, droppedBytes: dropped)
            output = []
            dropped = 0
        }
    }

    /// The answer of one probe, whatever its status; a gap when its end was not read.
    package func result(of name: String) throws(ProbeGap) -> ProbeResult {
        if let result = results[name] { return result }
        throw ProbeGap(
            probe: name, reason: .truncated,
            message: isComplete
                ? "the host did not answer this question" : "the host's answer ended before this one did")
    }

    /// The output of a probe that succeeded in silence; a gap for anything less.
    package func output(of name: String) throws(ProbeGap) -> [UInt8] {
        let result = try result(of: name)
        if let gap = result.gap { throw gap }
        return result.output
    }

    /// As `output(of:)`, as one line of text without the newline at its end.
    package func line(of name: String) throws(ProbeGap) -> String {
        var bytes = try output(of: name)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\n") else {
            throw ProbeGap(probe: name, reason: .unparseable, message: "not one line of text")
        }
        return text
    }
}

/// What one probe brought back, when it is proven that it ended.
package struct ProbeResult: Sendable, Hashable {
    package let name: String
    /// Exit status of the probe's shell.
    package let status: Int32
    /// Standard output, up to the report's limit.
    package let output: [UInt8]
    /// The end of standard error.
    package let standardError: [UInt8]
    /// Bytes of output beyond the limit, which were read and forgotten.
    package let droppedBytes: Int

    /// Why the output may not be taken as the whole answer; `nil` when it may.
    package var gap: ProbeGap? {
        let said = Self.message(standardError)
        func gap(_ reason: ProbeGap.Reason, _ message: String) -> ProbeGap {
            ProbeGap(probe: name, reason: reason, message: message)
        }
        switch status {
        case 0: break
        case 124: return gap(.timedOut, said.isEmpty ? "stopped by its time limit on the host" : said)
        // The time limit's last means, and the kernel's when memory is short: not to be told apart.
        case 137: return gap(.failed, "killed (signal 9), by its time limit or by something else on the host")
        case 127: return gap(.toolMissing, said)
        default: return gap(.failed, "status \(status)" + (said.isEmpty ? "" : ": " + said))
        }
        if !said.isEmpty { return gap(.complained, said) }
        return droppedBytes > 0 ? gap(.truncated, "\(droppedBytes) bytes of output beyond the limit were dropped") : nil
    }

    /// Standard error as the text of a gap: trimmed, at most 2,000 bytes.
    package static func message(_ error: [UInt8]) -> String {
        let text = String(decoding: error.suffix(2_000), as: UTF8.self)
        let isBlank = { (character: Character) in character.isWhitespace }
        let start = text.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }
        return end.map { String(start[...$0]) } ?? ""
    }
}
