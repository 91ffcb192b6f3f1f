/// A jump host as written: `[user@]host[:port]`.
package struct JumpName: Hashable {
    package let user: String?
    package let host: String
    package let port: Int?

    /// Reads one jump host; `nil` for what is none.
    package init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        if rest.hasPrefix("ssh://") { rest = rest.dropFirst(6) }
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        var port: Int?
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            let tail = rest[rest.index(after: close)...]
            if tail.hasPrefix(":") { port = Int(tail.dropFirst()) }
            rest = rest[rest.index(after: rest.startIndex)..<close]
        } else if rest.count(where: { $0 == ":" }) == 1, let colon = rest.firstIndex(of: ":") {
            guard let number = Int(rest[rest.index(after: colon)...]) else { return nil }
            port = number
            rest = rest[..<colon]
        }
        guard !rest.isEmpty, !rest.contains("{"), user != "" else { return nil }
        self.user = user
        self.host = String(rest)
        self.port = port
    }
}

/// What Ebb understands of a line of `ssh` options.
struct SSHArguments {
    private(set) var jumps: [JumpName] = []
    private(set) var identityFiles: [String] = []
    private(set) var identitiesOnly: Bool?
    private(set) var knownHostsFiles: [String] = []
    private(set) var wantsNoHostKeys = false
    /// Options that would change something and are not understood.
    private(set) var unread: [String] = []

    /// Options about how `ssh` works that mean nothing to another client.
    private static let harmless: Set<String> = [
        "controlmaster", "controlpersist", "controlpath", "compression", "serveraliveinterval", "serveralivecountmax",
        "connecttimeout", "forwardagent", "loglevel", "batchmode", "preferredauthentications", "tcpkeepalive",
        "passwordauthentication",
    ]

    init(_ text: String) {
        var words = Self.words(text)[...]
        while let word = words.popFirst() {
            switch word {
            case "-o": if let option = words.popFirst() { read(option: option) }
            case "-J": if let list = words.popFirst() { read(jumps: list) }
            case "-i": if let file = words.popFirst() { identityFiles.append(file) }
            case "-C", "-q", "-4", "-6", "-A", "-a", "-T", "-x": continue
            case _ where word.hasPrefix("-o"): read(option: String(word.dropFirst(2)))
            case _ where word.hasPrefix("-J"): read(jumps: String(word.dropFirst(2)))
            case _ where word.hasPrefix("-v"): continue
            default: unread.append(word)
            }
        }
    }

    private mutating func read(option: String) {
        let parts = option.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == "=" || $0 == " " }
        guard parts.count == 2 else { return unread.append(option) }
        let value = String(parts[1])
        switch parts[0].lowercased() {
        case "proxyjump": read(jumps: value)
        case "proxycommand": read(proxyCommand: value)
        case "identityfile": identityFiles.append(value)
        case "identitiesonly": identitiesOnly = value.lowercased() == "yes"
        case "userknownhostsfile":
            if value == "/dev/null" {
                wantsNoHostKeys = true
            } else {
                knownHostsFiles = value.split(separator: " ").map(String.init)
            }
        case "stricthostkeychecking": if ["no", "off"].contains(value.lowercased()) { wantsNoHostKeys = true }
        case let name where Self.harmless.contains(name): break
        default: unread.append(option)
        }
    }

    private mutating func read(jumps list: String) {
        if list.lowercased() == "none" { return }
        let names = list.split(separator: ",").map { JumpName($0) }
        if names.contains(where: { $0 == nil }) { return unread.append("ProxyJump=" + list) }
        jumps = names.compactMap(\.self)
    }

    /// The old way to say ProxyJump: `ssh -W %h:%p [-q] [-p port] [user@]host`.
    private mutating func read(proxyCommand text: String) {
        var words = Self.words(text)[...]
        var port: Int?
        var target: String?
        var isForward = false
        guard words.popFirst() == "ssh" else { return unread.append("ProxyCommand=" + text) }
        while let word = words.popFirst() {
            switch word {
            case "-W": isForward = words.popFirst() == "%h:%p"
            case "-p": port = words.popFirst().flatMap(Int.init)
            case "-q": continue
            case "-i": if let file = words.popFirst() { identityFiles.append(file) }
            case _ where word.hasPrefix("-"): return unread.append("ProxyCommand=" + text)
            default: target = word
            }
        }
        let suffix = port.map { ":\($0)" } ?? ""
        guard isForward, let target, let jump = JumpName(target + suffix) else {
            return unread.append("ProxyCommand=" + text)
        }
        jumps = [jump]
    }

    /// Words as a shell would split them: blanks, quotes and backslashes, nothing else.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let complete = word { words.append(complete) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let complete = word { words.append(complete) }
        return words
    }
}
