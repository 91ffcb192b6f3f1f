package import EbbModel

/// Delivers notices the way that a channel says.
package struct Delivery: Sendable {
    package let channel: NoticeChannel
    /// How long one try may take.
    package var limit: Duration
    /// The programs to use, for systems that keep them elsewhere.
    package var curl: String
    package var sendmail: String

    package init(
        _ channel: NoticeChannel, limit: Duration = .seconds(15), curl: String = "curl",
        sendmail: String = "/usr/sbin/sendmail"
    ) {
        self.channel = channel
        self.limit = limit
        self.curl = curl
        self.sendmail = sendmail
    }

    /// Tries once.
    package func deliver(_ notice: Notice) async throws(DeliveryFailure) {
        switch channel.way {
        case .webhook(let url, let headers):
            try await post(notice, to: url, headers)
        case .command(let program, let arguments):
            let environment = [
                "EBB_EVENT": notice.event.rawValue, "EBB_SUBJECT": notice.subject,
                "EBB_ROLLOUT": notice.rollout.map(String.init) ?? "",
            ]
            let run = ProgramRun(
                program: program, arguments: arguments, environment: environment,
                input: notice.json, limit: limit)
            try Self.check(try await run.run(), of: program)
        case .mail(let to, let from):
            guard !to.isEmpty else {
                throw DeliveryFailure(isWorthRetrying: false, "the mail has no recipient")
            }
            let mail = Mail(notice: notice, to: to, from: from)
            let run = ProgramRun(
                program: sendmail, arguments: ["-i", "-t"], input: mail.bytes, limit: limit)
            try Self.check(try await run.run(), of: sendmail)
        }
    }

    /// The address and the headers may be secrets: they go to curl's standard input, never to its
    /// arguments, which every user of the machine can read.
    private func post(
        _ notice: Notice, to url: Secret, _ headers: [String: Secret]
    ) async throws(DeliveryFailure) {
        let address = url.reveal()
        guard address.hasPrefix("https://") || address.hasPrefix("http://"),
            address.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
        else {
            throw DeliveryFailure(
                isWorthRetrying: false, "the webhook's address is no http or https URL")
        }
        var lines = [
            "url = \(Self.quoted(address))",
            "header = \"Content-Type: application/json\"",
            "data-binary = \(Self.quoted(String(decoding: notice.json, as: UTF8.self)))",
        ]
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            lines.append("header = \(Self.quoted("\(name): \(value.reveal())"))")
        }
        let seconds = max(1, limit.components.seconds - 1)
        let run = ProgramRun(
            program: curl,
            arguments: [
                "--disable", "--config", "-", "--silent", "--show-error", "--output", "/dev/null",
                "--write-out", "\\n%{http_code}", "--max-time", String(seconds),
                "--proto", "=http,https", "--user-agent", "ebb",
            ], input: Array((lines.joined(separator: "\n") + "\n").utf8), limit: limit)
        let ended = try await run.run()
        let code = ended.printed.split(separator: "\n").last.flatMap { Int($0) } ?? 0
        guard ended.status == 0 else {
            throw DeliveryFailure(
                isWorthRetrying: true,
                "the webhook could not be reached (curl ended with \(Self.text(ended.status)))")
        }
        guard !(200..<300).contains(code) else { return }
        throw DeliveryFailure(
            isWorthRetrying: code >= 500 || code == 408 || code == 429,
            "the webhook answered \(code)")
    }

    private static func check(
        _ ended: ProgramRun.Ended, of program: String
    ) throws(DeliveryFailure) {
        guard ended.status != 0 else { return }
        let said = ended.printed.split(separator: "\n").last.map { ": \($0.prefix(200))" } ?? ""
        throw DeliveryFailure(
            isWorthRetrying: true, "\(program) ended with \(text(ended.status))\(said)")
    }

    private static func text(_ status: Int32?) -> String {
        status.map { "status \($0)" } ?? "a signal"
    }

    /// A quoted value of curl's configuration format.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
