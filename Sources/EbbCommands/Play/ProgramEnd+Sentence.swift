import EbbLocal

extension ProgramEnd {
    /// One sentence for a report: how it failed, and the last line that it printed.
    var sentence: String {
        isSuccess ? lastLine : lastLine.isEmpty ? how : "\(how): \(lastLine)"
    }
}
