import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbSSH
import EbbTransport
import Synchronization

/// `ebb run`: one command on many hosts, equal answers shown once.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a command on hosts and shows equal outputs once.",
        discussion: """
            ebb run PATTERN -- COMMAND…: the words are passed to the host as they are; for a shell \
            line say `sh -c '…'`. Ctrl-C ends it and shows what is known. Exit status 3 when the \
            command failed somewhere, 4 when a host did not answer.
            """
    ).example("ebb run web -- uptime")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern: String

    @Argument(parsing: .postTerminator, help: "The command and its arguments.") var command: [String]

    @Flag(help: "Show each line as it arrives, behind the name of its host.") var live = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json, .ndjson])
        guard let program = command.first else {
            throw Failure(.usage, "there is no command", hint: "ebb run PATTERN -- COMMAND…")
        }
        guard !live || format == .table && options.output == nil else {
            throw Failure(
                .usage, "--live does not go with --format or --output",
                hint: "`--format ndjson` writes each host's answer as it arrives")
        }
        let fleet = try await Fleet.load(options, pattern: pattern, hasCatalogue: false)
        let engine = try await fleet.engine(forOneOperation: true)
        let request = CommandRequest(
            RemoteCommand(program, arguments: Array(command.dropFirst())), timeout: options.timeout.duration)
        let view = RunView(kind(format), hosts: fleet.selected.map(\.host))
        let report = await ask(fleet.selected, request, engine, view)
        view.end()
        try show(report, as: format)
        try report.exitStatus.leave()
    }

    private func kind(_ format: OutputFormat) -> RunView.Kind {
        if live { return .lines }
        if format == .ndjson, options.output == nil { return .records }
        return Terminal.error.isTerminal && !options.quiet ? .count : .nothing
    }

    /// Asks all hosts until they have answered, or somebody has had enough.
    private func ask(_ hosts: [HostSettings], _ request: CommandRequest, _ engine: Engine, _ view: RunView) async
        -> CommandReport
    {
        let interrupts = await Interrupts.trap(
            notes: options.notes, first: "interrupted; where the command has started, it may still be running",
            second: "Exiting.")
        let parallel = options.parallel
        let asking = Task {
            await SSHTransport.besideHosts {
                await fanOut(over: hosts, limit: parallel) { settings in
                    let answer = await engine.run(request, on: settings) { chunk in view.take(chunk, of: settings.host)
                    }
                    await view.note(answer)
                    return answer
                }
            }
        }
        let watching = Task {
            for await _ in interrupts.stream() {
                asking.cancel()
                return
            }
        }
        let answers = await asking.value
        watching.cancel()
        return CommandReport(answers: answers, isInterrupted: asking.isCancelled)
    }

    private func show(_ report: CommandReport, as format: OutputFormat) throws {
        switch format {
        case .json: try options.results.write(report.json)
        case .ndjson:
            guard options.output != nil else { return }
            try options.results.write(report.answers.map { JSONText.line($0.record) + "\n" }.joined())
        default:
            if live {
                let color = Terminal.error.wantsColor(options.color)
                Terminal.error.write(report.endings(color: color))
            } else {
                try options.results.write(report.text(color: options.results.isColored))
            }
        }
    }
}

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

/// The answers of all hosts.
struct CommandReport: Sendable {
    let answers: [HostCommand]
    /// Whether somebody ended it before every host had answered.
    var isInterrupted = false

    /// 130 when somebody ended it, 4 when a host's answer is not known, else 3 when the command failed
    /// somewhere, else 0.
    var exitStatus: ExitStatus {
        if isInterrupted { return .interrupted }
        return answers.reduce(.success) { status, answer in
            switch answer.outcome {
            case .ok, .changed, .skipped: status
            case .failed: status.merged(with: .findings)
            case .unreachable, .indeterminate: status.merged(with: .incomplete)
            }
        }
    }

    /// The document `ebb.run/1`.
    var json: JSON {
        ["schema": "ebb.run/1", "interrupted": .bool(isInterrupted), "hosts": .array(answers.map(\.record))]
    }

    /// Equal answers once, under the names of their hosts.
    func text(color: Bool) -> String { Self.folded(answers, color: color) { $0.text() } }

    /// How the command ended where that was not well; the output has been shown.
    func endings(color: Bool) -> String {
        Self.folded(answers.filter { $0.outcome != .ok }, color: color) { $0.text(withOutput: false) }
    }

    private static func folded(_ answers: [HostCommand], color: Bool, _ text: (HostCommand) -> String) -> String {
        var order: [String] = []
        var hosts: [String: [HostName]] = [:]
        for answer in answers {
            let key = text(answer)
            if hosts[key] == nil { order.append(key) }
            hosts[key, default: []].append(answer.host)
        }
        return order.map { key in
            let names = HostFold.folded(hosts[key] ?? [])
            return TextRole.heading.paint("── \(names)", color: color) + "\n" + key
        }.joined()
    }
}

extension HostCommand {
    /// What the host said, and how it ended unless that was well; lines end with a newline.
    func text(withOutput: Bool = true) -> String {
        guard let output else { return "\(outcome.rawValue): \(error?.message ?? "")\n" }
        var text = ""
        if withOutput {
            text = PrintableText.block(output.standardOutput)
            if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
            let stderr = PrintableText.block(output.standardError)
            for line in stderr.split(separator: "\n") { text += "stderr: \(line)\n" }
        }
        if !ending.isEmpty { text += ending + "\n" }
        if withOutput, output.droppedBytes > 0 { text += "\(output.droppedBytes) further bytes were dropped\n" }
        return text
    }

    /// The answer as JSON.
    var record: JSON {
        var status: JSON = nil
        var signal: JSON = nil
        switch output?.end {
        case .exited(let code): status = .count(code)
        case .signalled(let name): signal = .string(name)
        case nil: break
        }
        return [
            "host": .string(host.text), "outcome": .string(outcome.rawValue), "exitStatus": status, "signal": signal,
            "stdout": Self.text(output?.standardOutput), "stderr": Self.text(output?.standardError),
            "droppedBytes": .count(output?.droppedBytes ?? 0),
            "error": .optional(error) { error in
                ["code": .string(error.code.rawValue), "message": .string(error.message)]
            },
        ]
    }

    private static func text(_ bytes: [UInt8]?) -> JSON {
        .optional(bytes) { .string(String(decoding: $0, as: UTF8.self)) }
    }
}
