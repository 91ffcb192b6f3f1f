import Glibc

/// A port that answers nothing at all, as a host behind a dropping firewall does.
///
/// Its queue of connections is full and nobody accepts them, so the kernel drops what asks for one.
package final class BlackHole: Sendable {
    /// The system refused a socket.
    package struct CannotOpen: Error { let code: Int32 }

    package let port: Int
    private let descriptors: [Int32]

    package init(address: String) throws(CannotOpen) {
        let listener = Self.socket()
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, address, &name.sin_addr)
        guard Self.with(&name, { bind(listener, $0, $1) }) == 0, listen(listener, 0) == 0,
            Self.with(
                &name,
                { pointer, length in
                    var length = length
                    return getsockname(listener, UnsafeMutablePointer(mutating: pointer), &length)
                }) == 0
        else { throw CannotOpen(code: errno) }
        port = Int(UInt16(bigEndian: name.sin_port))
        // One more than the queue takes; the last of them is already dropped.
        let fillers = (0..<3).map { _ in Self.socket() }
        for filler in fillers { _ = Self.with(&name) { connect(filler, $0, $1) } }
        descriptors = [listener] + fillers
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    private static func socket() -> Int32 {
        Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    private static func with(_ name: inout sockaddr_in, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32
    {
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
