/// What takes a session's bytes to its peer: a socket, or a channel of another session.
///
/// Used on the session's event loop only.
protocol Carrier: AnyObject {
    /// Whether more bytes should be sent now.
    var isWritable: Bool { get }
    func send(_ bytes: UnsafeRawBufferPointer)
    /// Asks for bytes of the peer; each request brings some, or the end.
    func requestInput()
    func close()
}
