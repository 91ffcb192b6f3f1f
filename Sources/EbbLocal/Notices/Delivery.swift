package import EbbModel
import FoundationEssentials

/// Delivers notices to one channel.
package struct Delivery: Sendable {
    package let channel: NoticeChannel
    /// How long one try may take.
    package var limit: Duration = .seconds(15)
    /// The programs to use, for systems that keep them elsewhere.
    package var curl = "curl"
    package var sendmail = "/usr/sbin/sendmail"

    /// Tries once.
    package func deliver(_ notice: Notice) async throws(DeliveryFailure) {
        switch channel.way {
        case .webhook(let url, let headers): try await post(notice, to: url, headers)
        case .command(let program, let arguments):
            let environment = [
                "EBB_EVENT": notice.event.rawValue, "EBB_SUBJECT": notice.subject,
                "EBB_ROLLOUT": notice.rollout.map(String.init) ?? "",
            ]
            try await Self.run(Program(program, arguments, variables: environment, input: notice.json, limit: limit))
        case .mail(let to, let from):
            guard !to.isEmpty else { throw DeliveryFailure(isWorthRetrying: false, "the mail has no recipient") }
            let mail = Mail(notice: notice, to: to, from: from)
            try await Self.run(Program(sendmail, ["-i", "-t"], input: mail.bytes, limit: limit))
        }
    }

    /// The address and the headers may be secrets: they go to curl's standard input, never to its
    /// arguments, which every user of the machine can read.
    private func post(_ notice: Notice, to url: Secret, _ headers: [String: Secret]) async throws(DeliveryFailure) {
        let address = url.reveal()
        guard address.hasPrefix("https://") || address.hasPrefix("http://"),
            address.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
        else { throw DeliveryFailure(isWorthRetrying: false, "the webhook's address is no http or https URL") }
        let body = String(decoding: notice.json, as: UTF8.self)
        var configuration =
            CurlConfiguration.line("url", address) + CurlConfiguration.line("header", "Content-Type: application/json")
            + CurlConfiguration.line("data-binary", body)
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            configuration += CurlConfiguration.line("header", "\(name): \(value.reveal())")
        }
        let seconds = max(1, limit.components.seconds - 1)
        let run = Program(
            curl,
            [
                "--disable", "--config", "-", "--silent", "--show-error", "--output", "/dev/null", "--write-out",
                "\\n%{http_code}", "--max-time", String(seconds), "--proto", "=http,https", "--user-agent", "ebb",
            ], input: Array(configuration.utf8), limit: limit)
        let ended = try await Self.end(of: run)
        guard ended.isSuccess else {
            throw DeliveryFailure(
                isWorthRetrying: true, "the webhook could not be reached (curl ended with \(ended.how))")
        }
        let code = Int(ended.lastLine) ?? 0
        guard !(200..<300).contains(code) else { return }
        throw DeliveryFailure(
            isWorthRetrying: code >= 500 || code == 408 || code == 429, "the webhook answered \(code)")
    }

    private static func run(_ program: Program) async throws(DeliveryFailure) {
        let ended = try await end(of: program)
        guard !ended.isSuccess else { return }
        let reason = ended.lastLine.isEmpty ? "" : ": \(ended.lastLine.prefix(200))"
        throw DeliveryFailure(isWorthRetrying: true, "\(program.name) ended with \(ended.how)\(reason)")
    }

    private static func end(of program: Program) async throws(DeliveryFailure) -> ProgramEnd {
        do { return try await program.run() } catch {
            throw DeliveryFailure(isWorthRetrying: error.code != .notFound, error.message)
        }
    }
}

/// Why one try to deliver a notice failed.
package struct DeliveryFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether another try may do better.
    package let isWorthRetrying: Bool
    /// One sentence for a person, without address or secret.
    package let description: String

    package init(isWorthRetrying: Bool, _ description: String) {
        self.isWorthRetrying = isWorthRetrying
        self.description = PrintableText.line(description)
    }
}

/// A notice as a mail message for `sendmail -t`.
struct Mail {
    let notice: Notice
    let to: [String]
    let from: String?

    var bytes: [UInt8] {
        // No byte of an address can end its header line.
        var headers: [(String, String)] = [("To", to.map { PrintableText.line($0) }.joined(separator: ", "))]
        if let from { headers.append(("From", PrintableText.line(from))) }
        headers += [
            ("Subject", Self.encoded("[ebb] \(notice.subject)")), ("Date", Self.date(notice.at)),
            ("Auto-Submitted", "auto-generated"), ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit"),
        ]
        if let rollout = notice.rollout {
            // Mails of one rollout form one thread.
            headers.append(("References", "<rollout-\(rollout)@ebb.invalid>"))
        }
        let head = headers.map { "\($0.0): \($0.1)\n" }.joined()
        return Array((head + "\n" + notice.text + "\n").utf8)
    }

    /// RFC 5322, in UTC.
    private static func date(_ instant: Date) -> String {
        let seconds = max(0, Int(instant.timeIntervalSince1970.rounded(.down)))
        let day = CalendarDate(daysSinceEpoch: seconds / 86_400)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(
            separator: ":")
        return "\(weekdays[seconds / 86_400 % 7]), \(day.day) \(months[day.month - 1]) " + "\(day.year) \(time) +0000"
    }

    /// RFC 2047: words of at most 75 bytes, cut between characters.
    private static func encoded(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), text.utf8.count < 200 { return text }
        var words: [String] = []
        var word: [UInt8] = []
        for character in text.prefix(200) {
            let bytes = Array(String(character).utf8)
            if word.count + bytes.count > 42, !word.isEmpty {
                words.append(Data(word).base64EncodedString())
                word = []
            }
            word += bytes
        }
        if !word.isEmpty { words.append(Data(word).base64EncodedString()) }
        return words.map { "=?utf-8?B?\($0)?=" }.joined(separator: "\n ")
    }
}
