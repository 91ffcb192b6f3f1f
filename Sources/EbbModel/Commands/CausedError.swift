import FoundationEssentials

/// An error that knows what it came from.
///
/// Its own description leaves the cause out; `causeChain(of:)` has all of them.
package protocol CausedError: Error, CustomStringConvertible {
    /// The error behind this one.
    var cause: (any Error)? { get }
}

/// The descriptions of an error and of everything behind it, outermost first.
package func causeChain(of error: any Error) -> [String] {
    var chain: [String] = []
    var next: (any Error)? = error
    // The bound keeps an error that is its own cause from an endless chain.
    while let current = next, chain.count < 16 {
        let text = words(of: current)
        if chain.last != text { chain.append(text) }
        next = (current as? any CausedError)?.cause
    }
    return chain
}

/// What an error says; those of Foundation about files describe themselves for programmers only.
private func words(of error: any Error) -> String {
    guard let error = error as? CocoaError, let path = error.filePath else { return String(describing: error) }
    switch error.code {
    case .fileNoSuchFile, .fileReadNoSuchFile: return "\(path): there is no such file"
    case .fileReadNoPermission, .fileWriteNoPermission: return "\(path): permission denied"
    default: return "\(path) cannot be used (\(error.underlying.map { "\($0)" } ?? "no reason given"))"
    }
}
