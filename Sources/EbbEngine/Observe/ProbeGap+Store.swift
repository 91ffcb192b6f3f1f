package import EbbModel
package import EbbStore

extension ProbeGap {
    /// A gap that stands for an answer that could not be stored, or judged.
    package init(_ error: StoreError) {
        self.init(
            probe: "store", reason: .failed,
            message: causeChain(of: error).map { PrintableText.line($0) }.joined(separator: ": ")
                + " [\(error.code.rawValue)]")
    }
}
