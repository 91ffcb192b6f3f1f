/// Cuts the output of a `ProbeScript` into probes, however the bytes are split on the way.
///
/// Everything outside a probe (banners, output of start-up files) is ignored. Memory is bounded:
/// output is handed on at once, standard error is kept up to 64 KiB a probe, and of a mark that has
/// not ended yet 4 KiB.
struct FrameParser: Sendable {
    private enum State: Sendable {
        /// Between probes. Next: `output`, `complete`.
        case outside
        /// In a probe's standard output. Next: `error`.
        case output(name: String)
        /// In a probe's standard error. Next: `outside`.
        case error(name: String, status: Int32)
        /// Final.
        case complete
    }

    private static let errorLimit = 64 << 10
    private static let markLimit = 4 << 10
    private static let newline = UInt8(ascii: "\n")

    /// Newline, nonce, space: how every mark starts.
    private let mark: [UInt8]
    private var state = State.outside
    /// Bytes at the end of the input that may be the start of a mark.
    private var held: [UInt8] = []
    private var error: [UInt8] = []

    init(nonce: ProbeNonce) { mark = Array("\n\(nonce.text) ".utf8) }

    /// Whether the final mark was read.
    var isComplete: Bool { if case .complete = state { true } else { false } }

    /// Reads the next bytes and reports what they hold, in order.
    mutating func feed(_ bytes: [UInt8], _ report: (FrameEvent) -> Void) {
        if isComplete { return }
        let input = held.isEmpty ? bytes : held + bytes
        held = []
        var start = 0
        while start < input.count {
            guard let found = nextMark(in: input, from: start) else {
                pass(input[start...], report)
                return
            }
            pass(input[start..<found], report)
            let wordStart = found + mark.count
            guard wordStart <= input.count, let end = input[wordStart...].firstIndex(of: Self.newline) else {
                if input.count - found > Self.markLimit {
                    pass(input[found...], report)
                } else {
                    held = Array(input[found...])
                }
                return
            }
            read(String(decoding: input[wordStart..<end], as: UTF8.self), report)
            if isComplete { return }
            // The newline that ends a mark may start the next one only after a probe's output.
            start = end + 1
        }
    }

    /// Where a mark starts at or after `start`: a whole one, or one that the input's end cuts.
    private func nextMark(in input: [UInt8], from start: Int) -> Int? {
        input.withUnsafeBufferPointer { input in
            mark.withUnsafeBufferPointer { mark in
                var index = start
                search: while index < input.count {
                    if input[index] != Self.newline {
                        index += 1
                        continue
                    }
                    let length = min(mark.count, input.count - index)
                    for offset in 1..<max(1, length) where input[index + offset] != mark[offset] {
                        index += offset
                        continue search
                    }
                    return index
                }
                return nil
            }
        }
    }

    private mutating func pass(_ slice: ArraySlice<UInt8>, _ report: (FrameEvent) -> Void) {
        guard !slice.isEmpty else { return }
        switch state {
        case .outside, .complete: break
        case .output: report(.output(slice))
        case .error: error += slice.prefix(max(0, Self.errorLimit - error.count))
        }
    }

    /// Acts on a mark's words; a mark that does not fit the state changes nothing, so that the
    /// probe stays open and is a gap in the end.
    private mutating func read(_ words: String, _ report: (FrameEvent) -> Void) {
        let space = words.firstIndex(of: " ") ?? words.endIndex
        let argument = words[space...].dropFirst()
        switch (words[..<space], state) {
        case ("begin", .outside):
            state = .output(name: String(argument))
            report(.begin(name: String(argument)))
        case ("status", .output(let name)):
            guard let status = Int32(argument) else { return }
            error = []
            state = .error(name: name, status: status)
        case ("end", .error(let name, let status)) where argument == name:
            state = .outside
            report(.end(name: name, status: status, standardError: error))
            error = []
        case ("complete", .outside):
            state = .complete
            report(.complete)
        default: break
        }
    }
}

/// What a `FrameParser` found in the next bytes of a host's output.
package enum FrameEvent: Sendable, Hashable {
    /// A probe's output starts.
    case begin(name: String)
    /// The next bytes of the standard output of the probe that began last.
    case output(ArraySlice<UInt8>)
    /// A probe ended: its status and the end of its standard error.
    case end(name: String, status: Int32, standardError: [UInt8])
    /// The script ran to its end; whatever follows is not its output.
    case complete
}
