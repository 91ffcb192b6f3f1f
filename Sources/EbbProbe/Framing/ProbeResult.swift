package import EbbModel

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

    package init(name: String, status: Int32, output: [UInt8], standardError: [UInt8], droppedBytes: Int = 0) {
        (self.name, self.status, self.output, self.standardError) = (name, status, output, standardError)
        self.droppedBytes = droppedBytes
    }

    /// Why the output may not be taken as the whole answer; `nil` when it may.
    package var gap: ProbeGap? {
        let said = Self.message(standardError)
        switch status {
        case 0: break
        case 124:
            return ProbeGap(
                probe: name, reason: .timedOut, message: said.isEmpty ? "stopped by its time limit on the host" : said)
        case 137:
            // The time limit's last means, and the kernel's when memory is short: not to be told apart.
            return ProbeGap(
                probe: name, reason: .failed,
                message: "killed (signal 9), by its time limit or by something else on the host")
        case 127: return ProbeGap(probe: name, reason: .toolMissing, message: said)
        default:
            let text = "status \(status)" + (said.isEmpty ? "" : ": " + said)
            return ProbeGap(probe: name, reason: .failed, message: text)
        }
        if !said.isEmpty { return ProbeGap(probe: name, reason: .complained, message: said) }
        if droppedBytes > 0 {
            return ProbeGap(
                probe: name, reason: .truncated,
                message: "\(droppedBytes) bytes of output beyond the limit were dropped")
        }
        return nil
    }

    /// The output, where the probe succeeded, said nothing on standard error and lost no byte.
    package func cleanOutput() throws(ProbeGap) -> [UInt8] {
        if let gap { throw gap }
        return output
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
