import EbbModel
package import EbbReport
import FoundationEssentials

/// Where results go: standard output, or a file that appears whole or not at all.
package struct ResultOutput: Sendable {
    /// The file of `--output`, or `nil` for standard output.
    package let file: String?
    /// What was asked about colors.
    package let color: ColorChoice

    package init(file: String?, color: ColorChoice) { (self.file, self.color) = (file, color) }

    /// Writes a document: call it once per command.
    package func write(_ text: String) throws {
        guard let file else {
            Terminal.output.write(text)
            return
        }
        do { try WholeFile.write(Array(text.utf8), to: file) } catch {
            throw Failure(.toolFailure, "cannot write \(file)", cause: error)
        }
    }

    /// Writes a table, fitted to the terminal if there is one.
    package func write(_ table: TextTable) throws { try write(table.rendered(width: width, color: isColored)) }

    /// Writes a report: its document where JSON was asked for, else its text, fitted to the reader.
    func write(
        as format: OutputFormat, json: @autoclosure () throws -> JSON,
        text: (_ width: Int?, _ color: Bool) throws -> String
    ) throws {
        if format == .json { return try write(json()) }
        try write(text(width, isColored))
    }

    /// Writes one JSON document.
    package func write(_ document: JSON) throws { try write(JSONText.document(document)) }

    /// The columns of the terminal that results go to; `nil` where they go elsewhere.
    var width: Int? { file == nil ? Terminal.output.width : nil }

    /// Whether what is written may hold colors.
    package var isColored: Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto: file == nil && Terminal.output.wantsColor(.auto)
        }
    }
}
