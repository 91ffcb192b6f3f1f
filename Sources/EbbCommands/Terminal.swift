import ArgumentParser
import EbbEngine
import EbbLocal
import EbbModel
import EbbReport
import FoundationEssentials
import Glibc
import Synchronization

/// Standard output or standard error: written whole, with what the device can show.
struct Terminal: Sendable {
    /// Standard output: results only.
    static let output = Terminal(descriptor: STDOUT_FILENO)
    /// Standard error: progress, notes, errors.
    static let error = Terminal(descriptor: STDERR_FILENO)

    /// Standard input: where a person answers.
    static let input = Terminal(descriptor: STDIN_FILENO)

    private let descriptor: Int32

    /// Whether a person is looking.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// The columns of the terminal, or `nil` where there is none to fit into.
    var width: Int? { isTerminal ? size.columns : nil }

    /// Columns and rows; what terminals have always had where it does not say.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// What stands at the bottom of the terminal of standard error and is drawn in place.
    private static let live = Mutex("")

    /// Draws whole lines at the bottom, over those that stood there; nothing takes them away.
    ///
    /// Whatever else is written to standard error meanwhile stands above them.
    func showLive(_ lines: String) {
        Self.live.withLock { live in
            guard live != lines else { return }
            put(Self.erasing(live) + lines)
            live = lines
        }
    }

    private static func erasing(_ live: String) -> String {
        let count = live.count { $0 == "\n" }
        return count > 0 ? "\r\u{1B}[\(count)A\u{1B}[J" : ""
    }

    /// Whether to color, from what was asked, `NO_COLOR`, and what the device is.
    func wantsColor(_ choice: ColorChoice) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto: isTerminal && ProcessVariable.named("NO_COLOR") == nil && ProcessVariable.named("TERM") != "dumb"
        }
    }

    /// Writes the whole text.
    ///
    /// A reader that went away (`ebb … | head`) is no error worth telling: there is nobody to tell.
    func write(_ text: String) {
        guard descriptor == STDERR_FILENO else { return put(text) }
        Self.live.withLock { live in put(Self.erasing(live) + text + live) }
    }

    private func put(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wait, 1, 1_000)
            } else if errno != EINTR {
                return
            }
        }
    }
}

/// Standard output in pieces, for documents that are too long to be held whole.
struct TerminalStream: TextOutputStream {
    private var buffer = ""

    mutating func write(_ text: String) {
        buffer += text
        if buffer.utf8.count >= 1 << 16 { flush() }
    }

    mutating func flush() {
        Terminal.output.write(buffer)
        buffer = ""
    }
}

/// Where results go: standard output, or a file that appears whole or not at all.
struct ResultOutput: Sendable {
    /// The file of `--output`, or `nil` for standard output.
    let file: String?
    /// What was asked about colors.
    let color: ColorChoice

    /// Writes a document: call it once per command.
    func write(_ text: String) throws {
        guard let file else {
            Terminal.output.write(text)
            return
        }
        try WholeFile.write(text, to: file)
    }

    /// Writes a table, fitted to the terminal if there is one.
    func write(_ table: TextTable) throws { try write(table.rendered(width: width, color: isColored)) }

    /// Writes a report: its document where JSON was asked for, else its text, fitted to the reader.
    func write(
        as format: OutputFormat, json: @autoclosure () throws -> JSON,
        text: (_ width: Int?, _ color: Bool) throws -> String
    ) throws {
        if format == .json { return try write(json()) }
        try write(text(width, isColored))
    }

    /// Writes a report whose text is one table.
    func write(
        as format: OutputFormat, json: @autoclosure () throws -> JSON, table: @autoclosure () throws -> TextTable
    ) throws { try write(as: format, json: json()) { try table().rendered(width: $0, color: $1) } }

    /// Writes one JSON document.
    func write(_ document: JSON) throws { try write(JSONText.document(document)) }

    /// The columns of the terminal that results go to; `nil` where they go elsewhere.
    var width: Int? { file == nil ? Terminal.output.width : nil }

    /// Whether what is written may hold colors.
    var isColored: Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto: file == nil && Terminal.output.wantsColor(.auto)
        }
    }
}

/// How a command prints what it found; each has some of them.
typealias OutputFormat = ComplianceFormat

extension ComplianceFormat: ExpressibleByArgument {}

/// Whether output is colored.
enum ColorChoice: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// On a terminal, unless `NO_COLOR` is set.
    case auto
    case always
    case never
}

/// A question that a person must answer with yes before anything is changed.
struct Question: Sendable {
    /// What is asked, without the request to type yes.
    let text: String
    /// What is so when nobody can be asked, and what says that it is meant.
    let nobody: String
    let hint: String
    /// What is so when the answer is no.
    let refused: String

    /// Returns once the answer is yes; throws for any other, and when the switch is thrown meanwhile.
    func ask(_ aborts: AbortSwitch) async throws {
        guard isatty(STDIN_FILENO) == 1 else { throw Failure(.usage, nobody, hint: hint) }
        Terminal.error.write("\(text) Type yes: ")
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&input, 1, 0) == 0 {
            try aborts.check()
            try await Task.sleep(for: .milliseconds(100))
        }
        guard readLine() == "yes" else { throw Failure(.usage, refused) }
        try aborts.check()
    }
}
