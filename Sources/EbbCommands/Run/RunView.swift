import EbbEngine
import EbbModel
import EbbReport
import EbbTransport
import Synchronization

/// What a person sees while a command runs on many hosts.
final class RunView: Sendable {
    /// What is shown before all have answered.
    enum Kind: Sendable {
        /// Each line as it arrives, behind the name of its host.
        case lines
        /// Each answer as it is there: one record a line.
        case records
        /// How many have answered, drawn in place on a terminal.
        case count
        case nothing
    }

    private struct State {
        var isAnswered: Set<HostName> = []
        /// What has arrived of lines that are not whole yet.
        var rest: [HostName: (output: [UInt8], error: [UInt8])] = [:]
    }

    private let kind: Kind
    private let hosts: [HostName]
    private let state = Mutex(State())
    /// A line that never ends is shown in pieces of this size.
    private static let longestLine = 16 << 10

    init(_ kind: Kind, hosts: [HostName]) {
        (self.kind, self.hosts) = (kind, hosts)
        draw([])
    }

    /// Takes a piece of a host's output.
    ///
    /// Whoever reads slower than the hosts write slows them down: nothing is kept for them.
    func take(_ chunk: OutputChunk, of host: HostName) {
        guard kind == .lines else { return }
        state.withLock { state in
            var rest = state.rest[host] ?? ([], [])
            switch chunk {
            case .standardOutput(let bytes): show(&rest.output, bytes, of: host, on: .output, isLast: false)
            case .standardError(let bytes): show(&rest.error, bytes, of: host, on: .error, isLast: false)
            }
            state.rest[host] = rest
        }
    }

    /// A host has answered, or never will.
    ///
    /// Whoever reads slowly does not hold up the other hosts: their thread is not the one that writes.
    func note(_ answer: HostCommand) async {
        guard kind != .nothing else { return }
        await withTaskExecutorPreference(globalConcurrentExecutor) { show(answer) }
    }

    private func show(_ answer: HostCommand) {
        let answered = state.withLock { state in
            if var rest = state.rest.removeValue(forKey: answer.host) {
                show(&rest.output, [], of: answer.host, on: .output, isLast: true)
                show(&rest.error, [], of: answer.host, on: .error, isLast: true)
            }
            state.isAnswered.insert(answer.host)
            return state.isAnswered
        }
        if kind == .records { Terminal.output.write(JSONText.line(answer.record) + "\n") }
        draw(answered)
    }

    /// Takes away what was drawn in place.
    func end() { if kind == .count { Terminal.error.showLive("") } }

    private func draw(_ answered: Set<HostName>) {
        guard kind == .count else { return }
        let missing = hosts.filter { !answered.contains($0) }
        guard !missing.isEmpty else { return end() }
        let text = "\(answered.count) of \(hosts.count) answered, waiting for "
        let names = HostFold.folded(missing)
        Terminal.error.showLive(text.cut(names, to: Terminal.error.size.columns - 1) + "\n")
    }

    private func show(_ rest: inout [UInt8], _ bytes: [UInt8], of host: HostName, on terminal: Terminal, isLast: Bool) {
        rest += bytes
        var text = ""
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: 10) {
            text += "\(host.text): \(PrintableText.line(rest[start..<end]))\n"
            start = end + 1
        }
        rest.removeFirst(start)
        if isLast && !rest.isEmpty || rest.count > Self.longestLine {
            text += "\(host.text): \(PrintableText.line(rest))\n"
            rest = []
        }
        if !text.isEmpty { terminal.write(text) }
    }
}

extension String {
    /// The text and as much of another as fits into so many columns; both are of plain characters.
    fileprivate func cut(_ other: String, to columns: Int) -> String {
        let room = max(0, columns - count)
        return self + (other.count <= room ? other : other.prefix(max(0, room - 1)) + "…")
    }
}
