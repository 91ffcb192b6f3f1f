import EbbModel
package import EbbReport
import FoundationEssentials

/// Where results go: standard output, or a file that appears whole or not at all.
package struct ResultOutput: Sendable {
    /// The file of `--output`, or `nil` for standard output.
    package let file: String?
    /// What was asked about colours.
    package let colour: ColourChoice

    package init(file: String?, colour: ColourChoice) {
        self.file = file
        self.colour = colour
    }

    /// Writes a document: call it once per command.
    package func write(_ text: String) throws {
        guard let file else {
            Terminal.output.write(text)
            return
        }
        do {
            try WholeFile.write(Array(text.utf8), to: file)
        } catch {
            throw Failure(.toolFailure, "cannot write \(file)", cause: error)
        }
    }

    /// Writes a table, fitted to the terminal if there is one.
    package func write(_ table: TextTable) throws {
        try write(table.rendered(width: width, colour: isColoured))
    }

    /// Writes a report: its document where JSON was asked for, else its text, fitted to the reader.
    func write(
        as format: OutputFormat, json: @autoclosure () throws -> JSON,
        text: (_ width: Int?, _ colour: Bool) throws -> String
    ) throws {
        if format == .json { return try write(json()) }
        try write(text(width, isColoured))
    }

    /// Writes one JSON document.
    package func write(_ document: JSON) throws { try write(JSONText.document(document)) }

    /// The columns of the terminal that results go to; `nil` where they go elsewhere.
    var width: Int? { file == nil ? Terminal.output.width : nil }

    /// Whether what is written may hold colours.
    package var isColoured: Bool {
        switch colour {
        case .always: true
        case .never: false
        case .auto: file == nil && Terminal.output.wantsColour(.auto)
        }
    }
}
