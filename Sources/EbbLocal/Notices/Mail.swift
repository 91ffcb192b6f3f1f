import EbbModel
import FoundationEssentials

/// A notice as a mail message for `sendmail -t`.
struct Mail {
    let notice: Notice
    let to: [String]
    let from: String?

    var bytes: [UInt8] {
        var headers: [(String, String)] = [("To", to.map(Self.address).joined(separator: ", "))]
        if let from { headers.append(("From", Self.address(from))) }
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

    /// No byte of an address can end its header line.
    private static func address(_ text: String) -> String { PrintableText.line(text) }

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
