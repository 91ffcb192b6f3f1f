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
