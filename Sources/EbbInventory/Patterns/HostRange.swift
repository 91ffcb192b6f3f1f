/// Names that stand for many hosts: `web[01:20]`, `db[a:c].example`, `n[0:10:2]`.
enum HostRange {
    /// Why a range cannot be expanded.
    struct Fault: Error {
        let message: String
        let hint: String
    }

    private static let limit = 10_000

    /// Every name that `text` stands for, in order; a name without a range stands for itself.
    static func expanded(_ text: String) throws(Fault) -> [String] {
        guard let open = text.firstIndex(of: "[") else { return [text] }
        guard let close = text[open...].firstIndex(of: "]") else {
            throw Fault(message: "the range of “\(text)” is not closed", hint: "add a “]”")
        }
        let head = text[..<open]
        let inner = text[text.index(after: open)..<close]
        let tails = try expanded(String(text[text.index(after: close)...]))
        let middles = try values(inner, of: text)
        guard middles.count * tails.count <= limit else {
            throw Fault(message: "“\(text)” stands for more than \(limit) hosts", hint: "narrow the range")
        }
        return middles.flatMap { middle in tails.map { head + middle + $0 } }
    }

    private static func values(_ inner: Substring, of text: String) throws(Fault) -> [String] {
        let parts = inner.split(separator: ":", omittingEmptySubsequences: false)
        let fault = Fault(
            message: "“\(text)” holds no range that can be counted",
            hint: "write [01:20], [a:f] or [0:10:2], the lower end first")
        guard parts.count == 2 || parts.count == 3 else { throw fault }
        var step = 1
        if parts.count == 3 {
            guard let given = Int(parts[2]), given > 0 else { throw fault }
            step = given
        }
        if let low = number(parts[0]), let high = number(parts[1]), low <= high {
            guard (high - low) / step < limit else {
                throw Fault(message: "“\(text)” stands for more than \(limit) hosts", hint: "narrow the range")
            }
            let width = parts[0].hasPrefix("0") ? parts[0].count : 0
            return stride(from: low, through: high, by: step).map { value in
                let digits = String(value)
                return String(repeating: "0", count: max(0, width - digits.count)) + digits
            }
        }
        if let low = letter(parts[0]), let high = letter(parts[1]), low <= high {
            return stride(from: Int(low), through: Int(high), by: step).map { String(UnicodeScalar(UInt8($0))) }
        }
        throw fault
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    private static func letter(_ text: Substring) -> UInt8? {
        guard text.utf8.count == 1, let byte = text.utf8.first, text.first?.isLetter == true else { return nil }
        return byte
    }
}
