package import EbbModel

/// Delivers notices to one channel.
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
    ) { (self.channel, self.limit, self.curl, self.sendmail) = (channel, limit, curl, sendmail) }

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
