import EbbModel

/// The configuration that `curl --config -` reads: its arguments would be seen by every user of the
/// machine, its standard input is not.
///
/// https://curl.se/docs/manpage.html#-K
package enum CurlConfiguration {
    /// One option with its value, quoted as curl reads it back.
    package static func line(_ option: String, _ value: String) -> String {
        "\(option) = \(PrintableText.quoted(value) { $0 == "\r" ? "\\r" : nil })\n"
    }
}
