import EbbModel

extension MapReader {
    /// A path on a host: absolute, without empty components, `.` or `..`, and without a final slash.
    func hostPath(_ key: String) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.text else {
            wrong(key, value, "an absolute path")
            return nil
        }
        guard let fault = Self.fault(ofPath: text) else { return text }
        problems.error(
            at: value.location, "\(path(key)) “\(PrintableText.line(text))” \(fault.message)",
            hint: fault.hint)
        return nil
    }

    /// What is wrong with a path, if anything.
    static func fault(ofPath text: String) -> (message: String, hint: String)? {
        if isTemplate(text) { return ("is a template", "Ebb evaluates no templates") }
        if text.hasPrefix("~") { return ("begins with “~”", "write the home directory out") }
        guard text.hasPrefix("/") else { return ("is relative", "begin it with “/”") }
        if text.utf8.contains(0) { return ("holds a NUL byte", "no path can") }
        if text == "/" { return nil }
        if text.hasSuffix("/") { return ("ends with “/”", "write \(text.dropLast())") }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if parts.contains("") { return ("has an empty component", "write one “/” only") }
        if parts.contains(".") || parts.contains("..") {
            return ("holds “.” or “..”", "write the path that is meant")
        }
        return nil
    }

    /// Permission bits in octal, quoted or not.
    func mode(_ key: String) -> UInt16? {
        scalar(key, "permission bits such as \"0750\"") { text in
            let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
            guard (3...4).contains(digits.count) else { return nil }
            return UInt16(digits, radix: 8)
        }
    }

    /// The name or the number of a user or a group.
    func account(_ key: String) -> String? {
        scalar(key, "a name or a number") { text in
            let isFit = text.utf8.allSatisfy { $0 > 32 && $0 != UInt8(ascii: ":") && $0 < 127 }
            return isFit && !text.isEmpty && !text.hasPrefix("-") ? text : nil
        }
    }

    /// A day as `YYYY-MM-DD` that exists in the calendar.
    func day(_ key: String) -> String? {
        scalar(key, "a day such as 2027-06-30") { CalendarDate($0)?.description }
    }

    /// The end of a waiver: its last day (UTC), or an instant with its zone.
    func end(_ key: String) -> String? {
        scalar(key, "a day such as 2027-06-30, or an instant such as 2027-06-30T18:00:00Z") {
            Waiver.end($0) == nil ? nil : $0
        }
    }
}
