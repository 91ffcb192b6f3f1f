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
    package func output(of name: String) throws(ProbeGap) -> [UInt8] { try result(of: name).cleanOutput() }

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
