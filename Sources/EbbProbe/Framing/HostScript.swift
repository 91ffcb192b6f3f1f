import EbbModel

/// A file of shell below `Host/`, behind its parameters: the one way in which values enter a script.
package struct HostScript: Hashable, Sendable {
    /// The script's text.
    package let bytes: [UInt8]

    /// `values` become variables, `words` the arguments; `files` are run as one text, in order.
    package init(_ files: [UInt8]..., values: KeyValuePairs<String, String> = [:], words: [[UInt8]] = []) {
        var text: [UInt8] = []
        for (name, value) in values { text += Array("\(name)=\(RemoteCommand.quoted(value))\n".utf8) }
        if !words.isEmpty {
            text += Array("set --".utf8)
            for word in words { text += [UInt8(ascii: " ")] + RemoteCommand.quoted(word) }
            text += [UInt8(ascii: "\n")]
        }
        bytes = text + files.joined()
    }

    /// The same with arguments that are text.
    package init(_ files: [UInt8]..., values: KeyValuePairs<String, String> = [:], words: [String]) {
        self.init(Array(files.joined()), values: values, words: words.map { Array($0.utf8) })
    }
}
