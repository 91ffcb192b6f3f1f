/// The identity of one boot: the kernel's random UUID of `/proc/sys/kernel/random/boot_id`.
///
/// Equal identities mean the same running kernel; different ones prove a reboot or a kexec.
package struct BootID: Hashable, Sendable, CodedAsText {
    /// Thirty-six characters, lower case, `8-4-4-4-12` hexadecimal digits.
    package let text: String

    /// Reads the kernel's text, with or without its final newline; `nil` for anything but a UUID.
    package init?(_ text: some StringProtocol) {
        var characters = Array(text.utf8)
        if characters.last == UInt8(ascii: "\n") { characters.removeLast() }
        guard characters.count == 36 else { return nil }
        for (index, byte) in characters.enumerated() {
            let isDash = [8, 13, 18, 23].contains(index)
            let isDigit =
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            guard isDash ? byte == UInt8(ascii: "-") : isDigit else { return nil }
        }
        self.text = String(decoding: characters, as: UTF8.self)
    }

    /// The boot id that a text stands for.
    package static func read(_ text: String) -> Self? { BootID(text) }

    package var description: String { text }
}
