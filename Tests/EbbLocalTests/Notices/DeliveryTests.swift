import EbbModel
import FoundationEssentials
import Testing

@testable import EbbLocal

/// Delivers through the real programs: sh, curl, and a script in sendmail's place.
struct DeliveryTests {
    private let notice = Notice(
        event: .done, at: Date(timeIntervalSince1970: 1_795_395_011), rollout: 3,
        subject: "rollout 3: 4 of 4 proven \"quoted\" \\ back")

    /// Every suite runs at once, on two processors: what is not about the limit is not held to it.
    private let patient = Duration.seconds(120)

    private func shell(_ script: String, limit: Duration = .seconds(120)) -> Delivery {
        Delivery(
            channel: NoticeChannel(name: "hook", way: .command(program: "sh", arguments: ["-c", script])), limit: limit)
    }

    @Test func `a command gets the notice on its input and in its environment`() async throws {
        try await shell(
            #"""
            test "$EBB_EVENT" = done && test "$EBB_ROLLOUT" = 3 && grep -q '"schema":"ebb.notice/1"'
            """#
        ).deliver(notice)
        // Not reading the input at all is fine too.
        try await shell("exit 0").deliver(notice)
    }

    @Test func `a command that fails is worth another try and says its last line`() async throws {
        let error = await #expect(throws: DeliveryFailure.self) {
            try await shell("cat >/dev/null; echo first; echo 'no \u{7}route' >&2; exit 9").deliver(notice)
        }
        #expect(error?.isWorthRetrying == true)
        #expect(error?.description == "sh ended with exit status 9: no \\x07route")
    }

    @Test func `a command that hangs is ended with everything it started`() async throws {
        let error = await #expect(throws: DeliveryFailure.self) {
            try await shell("sleep 1000 & sleep 1000", limit: .milliseconds(300)).deliver(notice)
        }
        #expect(error?.description.contains("took longer") == true)
    }

    @Test func `a command that prints without end is drained, not stored`() async throws {
        try await shell("head -c 3000000 /dev/zero").deliver(notice)
    }

    @Test func `a program that is not there is not tried again`() async throws {
        for program in ["no-such-program-of-ebb", "/no/such/program"] {
            let delivery = Delivery(
                channel: NoticeChannel(name: "x", way: .command(program: program, arguments: [])), limit: patient)
            let error = await #expect(throws: DeliveryFailure.self) { try await delivery.deliver(notice) }
            #expect(error?.isWorthRetrying == false, "\(program)")
            #expect(error?.description == "there is no program \(program)")
        }
    }

    @Test func `sendmail gets a whole message`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ebb-mail-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appending(path: "sendmail").path
        let received = folder.appending(path: "mail").path
        try Data("#!/bin/sh\ntest \"$*\" = '-i -t' && cat > '\(received)'\n".utf8).write(to: URL(filePath: script))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        let delivery = Delivery(
            channel: NoticeChannel(name: "mail", way: .mail(to: ["ops@example.org"], from: nil)), limit: patient,
            sendmail: script)
        try await delivery.deliver(notice)
        let mail = String(decoding: try Data(contentsOf: URL(filePath: received)), as: UTF8.self)
        #expect(mail.hasPrefix("To: ops@example.org\n"))
        #expect(mail.contains("\n\nrollout 3: 4 of 4 proven"))
    }

    @Test func `a webhook is posted with its headers, and its answer decides`() async throws {
        let answers: [(Int, Bool?)] = [(204, nil), (200, nil), (500, true), (429, true), (404, false), (302, false)]
        for (code, isWorthRetrying) in answers {
            let server = try await OneAnswer.serving(status: code) { port in
                let delivery = Delivery(
                    channel: NoticeChannel(
                        name: "chat",
                        way: .webhook(
                            url: Secret("http://127.0.0.1:\(port)/hook?token=s3cret"),
                            headers: ["Authorization": Secret("Bearer \"x\\y\"")])), limit: patient)
                do throws(DeliveryFailure) {
                    try await delivery.deliver(notice)
                    #expect(isWorthRetrying == nil, "\(code)")
                } catch {
                    #expect(error.isWorthRetrying == isWorthRetrying, "\(code)")
                    #expect(error.description == "the webhook answered \(code)")
                }
            }
            #expect(server.hasPrefix("POST /hook?token=s3cret HTTP/1.1\r\n"))
            #expect(server.contains("Authorization: Bearer \"x\\y\"\r\n"))
            #expect(server.contains("Content-Type: application/json\r\n"))
            let body = server.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init)
            #expect(body == String(decoding: notice.json, as: UTF8.self))
        }
    }

    @Test func `no failure of a webhook shows its address`() async throws {
        let addresses = ["http://127.0.0.1:1/s3cret", "file:///etc/s3cret", "https://host/\ns3cret", "s3cret"]
        for address in addresses {
            let delivery = Delivery(
                channel: NoticeChannel(name: "chat", way: .webhook(url: Secret(address), headers: [:])))
            let error = await #expect(throws: DeliveryFailure.self) { try await delivery.deliver(notice) }
            #expect(error?.description.contains("s3cret") == false)
            #expect(error?.isWorthRetrying == (address.hasPrefix("http://")), "\(address)")
        }
    }
}
