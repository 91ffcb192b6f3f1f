/// What a `FrameParser` found in the next bytes of a host's output.
package enum FrameEvent: Sendable, Hashable {
    /// A probe's output starts.
    case begin(name: String)
    /// The next bytes of the standard output of the probe that began last.
    case output(ArraySlice<UInt8>)
    /// A probe ended: its status and the end of its standard error.
    case end(name: String, status: Int32, standardError: [UInt8])
    /// The script ran to its end; whatever follows is not its output.
    case complete
}
