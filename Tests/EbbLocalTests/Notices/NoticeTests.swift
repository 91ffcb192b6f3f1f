import EbbModel
import FoundationEssentials
import Testing

@testable import EbbLocal

struct NoticeTests {
    private func notice(_ subject: String, hosts: Int = 1) throws -> Notice {
        Notice(
            event: .failure, at: Date(timeIntervalSince1970: 1_795_395_011), rollout: 7, subject: subject,
            hosts: try (0..<hosts).map {
                Notice.Mention(
                    host: try HostName("web\($0)"), state: "never-back", message: "no answer\u{1B}[2J\nwithin 600 s")
            })
    }

    @Test func `a notice is JSON for programs and text for people`() throws {
        let notice = try notice("web0 did not come back")
        let text = String(decoding: notice.json, as: UTF8.self)
        for part in [
            #""schema":"ebb.notice/1""#, #""event":"failure""#, #""rollout":7"#, #""at":"2026-11-23T00:50:11Z""#,
            #""host":"web0""#, #""hostsInAll":1"#,
        ] { #expect(text.contains(part), "\(part) in \(text)") }
        #expect(
            notice.text == """
                web0 did not come back
                  web0: never-back, no answer\\x1b[2J\\nwithin 600 s
                Rollout 7: ebb reboot status 7
                """)
    }

    @Test func `a long list is cut and says so`() throws {
        let notice = try notice("many", hosts: 1_000)
        #expect(notice.text.contains("  and 950 more\n"))
        #expect(notice.json.count < 30_000)
        #expect(String(decoding: notice.json, as: UTF8.self).contains("\"hostsInAll\":1000"))
    }

    @Test func `a mail is one message whatever the subject holds`() throws {
        let notice = try notice("Grüße\r\nBcc: all@example.org\n\nfaked body 🙂", hosts: 0)
        let mail = Mail(notice: notice, to: ["ops@example.org\nBcc: x@example.org", "b@example.org"], from: nil)
        let text = String(decoding: mail.bytes, as: UTF8.self)
        let parts = text.split(separator: "\n\n", maxSplits: 1)
        #expect(!parts[0].contains("\nBcc"))
        #expect(parts[0].contains("\nDate: Mon, 23 Nov 2026 00:50:11 +0000\n"))
        #expect(parts[0].contains("Subject: =?utf-8?B?"))
        #expect(parts[0].split(separator: "\n").allSatisfy { $0.utf8.count <= 100 })
        #expect(text.hasPrefix("To: ops@example.org\\nBcc: x@example.org, b@example.org\n"))
    }
}
